import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CircleX,
  Clock,
  Hand,
  LoaderCircle,
} from 'lucide-react';
import type { Run, Step } from '#dashboard/app/api/generated/api.ts';
import { Badge, type Tone } from '#dashboard/app/components/badge.tsx';

type Status = Run['status'];
type StepStatus = Step['status'];
type Look = { readonly label: string; readonly tone: Tone; readonly Icon: typeof Clock };

const looks: Record<Status | StepStatus, Look> = {
  queued: { label: 'Queued', tone: 'grey', Icon: CircleDashed },
  running: { label: 'Running', tone: 'blue', Icon: LoaderCircle },
  waiting: { label: 'Waiting', tone: 'amber', Icon: Clock },
  waiting_approval: { label: 'Needs approval', tone: 'amber', Icon: Hand },
  success: { label: 'Succeeded', tone: 'green', Icon: CircleCheck },
  failed: { label: 'Failed', tone: 'red', Icon: CircleX },
  cancelled: { label: 'Cancelled', tone: 'grey', Icon: CircleSlash },
  rejected: { label: 'Not started', tone: 'grey', Icon: Ban },
  skipped: { label: 'Skipped', tone: 'grey', Icon: CircleDashed },
};

const unknownLook: Look = { label: 'Unknown', tone: 'grey', Icon: CircleDashed };

/** Those of runs. */
export const statuses = Object.keys(looks).filter((status) => status !== 'skipped') as Status[];

export function statusLabel(status: string): string {
  return lookOf(status).label;
}

/** A run's or a step's status, told by shape, word and colour. */
export function RunStatus({ status }: { readonly status: string }) {
  const { label, tone, Icon } = lookOf(status);
  return (
    <Badge
      tone={tone}
      icon={<Icon size={13} aria-hidden="true" />}
      isTurning={status === 'running'}
    >
      {label}
    </Badge>
  );
}

/** Whether nothing will happen to the run any more. */
export function isFinal(status: Status): boolean {
  return ['success', 'failed', 'cancelled', 'rejected'].includes(status);
}

function lookOf(status: string): Look {
  return Object.hasOwn(looks, status)
    ? looks[status as keyof typeof looks]
    : { ...unknownLook, label: status.replaceAll('_', ' ') };
}
