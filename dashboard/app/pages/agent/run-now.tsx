import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useRunAgent } from '#dashboard/app/api/agents.ts';
import type { Agent, RunDetail } from '#dashboard/app/api/generated/api.ts';
import { messageOf } from '#dashboard/app/api/problem.ts';
import { newestRunQuery } from '#dashboard/app/api/runs.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { Dialog } from '#dashboard/app/components/dialog.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { parseJson } from '#dashboard/app/forms/json-text.ts';
import { payloadExample } from '#dashboard/app/pages/agent/payload-example.ts';

/** Starts a run of an agent, and opens it. */
export function useRunAndOpen(agent: Agent) {
  const navigate = useNavigate();
  const { mutate, isPending } = useRunAgent();
  const run = (body?: unknown) =>
    mutate(
      { agent, body },
      {
        onSuccess: ({ run_id }) =>
          void navigate({ to: '/app/runs/$runId', params: { runId: run_id } }),
      },
    );
  return { run, isPending };
}

/** Starts a run and opens it; asks for the payload first when the steps use one. */
export function RunNow({ agent }: { readonly agent: Agent }) {
  const queries = useQueryClient();
  const { run, isPending } = useRunAndOpen(agent);
  const example = payloadExample(agent.actions);
  const [payload, setPayload] = useState<unknown>();
  const asking = useMutation({
    mutationFn: () => queries.fetchQuery({ ...newestRunQuery(agent.id), staleTime: 0 }),
    // Without the last run there is still an example.
    onSettled: (newest) => setPayload(payloadOf(newest) ?? example),
  });
  return (
    <>
      <Button
        icon={<Play size={14} aria-hidden="true" />}
        isBusy={asking.isPending || isPending}
        disabled={!agent.enabled}
        title={agent.enabled ? undefined : 'Switch the agent on to run it'}
        onClick={() => (example === undefined ? run() : asking.mutate())}
      >
        Run now
      </Button>
      {payload !== undefined && (
        <PayloadDialog
          agent={agent}
          first={payload}
          isBusy={isPending}
          onRun={run}
          onClose={() => setPayload(undefined)}
        />
      )}
    </>
  );
}

/** What the last run was given; undefined when that was nothing. */
function payloadOf(run: RunDetail | null | undefined): unknown {
  const { body } = (run?.trigger ?? {}) as { readonly body?: unknown };
  return body && Object.keys(body).length > 0 ? body : undefined;
}

function PayloadDialog(props: {
  readonly agent: Agent;
  /** What is there to begin with. */
  readonly first: unknown;
  readonly isBusy: boolean;
  readonly onRun: (payload: unknown) => void;
  readonly onClose: () => void;
}) {
  const { agent, first, isBusy, onRun, onClose } = props;
  const form = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => JSON.stringify(first, null, 2));
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      onRun(text.trim() === '' ? undefined : parseJson(text));
    } catch (error) {
      setProblem(messageOf(error));
      field.current?.focus();
    }
  };
  return (
    <Dialog
      isOpen
      onOpenChange={onClose}
      title={`Run “${agent.name}”`}
      description="Its steps use data of the trigger. It really acts, and the run is in its history."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} isBusy={isBusy}>
            Run
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate>
        <TextField
          ref={field}
          label="Payload"
          help="JSON, as a call would bring it: steps find it under trigger.body."
          isLong
          isCode
          spellCheck={false}
          value={text}
          error={problem}
          onValue={(next) => {
            setText(next);
            setProblem(undefined);
          }}
        />
      </form>
    </Dialog>
  );
}
