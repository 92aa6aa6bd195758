import {
  type Approval,
  type ApprovalStore,
  type Approver,
  type Decision,
  inboxPosition,
} from '#core/approvals/approval';
import { notFound, RequestError } from '#core/errors';
import { inlineBytes } from '#core/payload';
import type { Slice } from '#core/ports';
import type { RunStore } from '#core/runs/run-store';

/** Most bytes that the approvals of one page show together: an answer has 6 MB, in which they are escaped. */
const PAGE_BYTES = 2_621_440;

/** Somebody who is signed in. */
export type Reader = {
  readonly userId: string;
  /** An address that sign-in has verified. */
  readonly email?: string;
};

/** What looking for approvals works with. */
export type InboxDeps = {
  readonly approvals: Pick<ApprovalStore, 'find' | 'inbox' | 'askedFor' | 'ofRun'>;
  readonly runs: Pick<RunStore, 'find'>;
};

/** An approval, and as whom somebody may decide it. */
export type Asked = { readonly approval: Approval; readonly approver: Approver };

/**
 * Open approvals that this person may decide, newest first: of their own runs, and those for which
 * their address was named. A page may be short and yet have a next one.
 *
 * @param page.after an {@link inboxPosition}
 */
export async function waitingFor(
  reader: Reader,
  page: { limit: number; after: string | undefined },
  deps: InboxDeps,
): Promise<Slice<Asked>> {
  const lists = await Promise.all(
    identitiesOf(reader).map(async (approver) => {
      const { items, next } = await deps.approvals.inbox(approver, page);
      return { next, items: items.map((ref) => ({ ref, approver })) };
    }),
  );
  const merged = lists
    .flatMap(({ items }) => items)
    .toSorted((a, b) => (inboxPosition(a.ref) < inboxPosition(b.ref) ? 1 : -1));
  const found = await Promise.all(
    merged.slice(0, page.limit).map(async ({ ref, approver }) => ({
      ref,
      approver,
      approval: await deps.approvals.find(ref),
    })),
  );
  const shown = found.slice(0, fittingCount(found.map(({ approval }) => approval)));
  const last = shown.at(-1);
  const hasMore = merged.length > shown.length || lists.some(({ next }) => next !== undefined);
  return {
    // One that was decided meanwhile waits for nobody.
    items: shown.flatMap(({ approver, approval }) =>
      approval && approval.decision === undefined ? [{ approver, approval }] : [],
    ),
    next: hasMore && last ? inboxPosition(last.ref) : undefined,
  };
}

/** How many of the first ones a page can carry, however much they show; one at least. */
function fittingCount(approvals: readonly (Approval | undefined)[]): number {
  let bytes = 0;
  const tooMany = approvals.findIndex((approval) => {
    const { content } = approval ?? {};
    bytes += content?.kind === 'inline' ? inlineBytes(content) : (content?.bytes ?? 0);
    return bytes > PAGE_BYTES;
  });
  return tooMany === -1 ? approvals.length : Math.max(1, tooMany);
}

/**
 * The approval that a run waits for, or the last one that it waited for.
 *
 * @throws RequestError `not_found` for a run that is not theirs to decide, `forbidden` for the owner
 *   of a run whose approvers are others, `conflict` for a run that asks for nothing,
 *   `unavailable` for one that will ask in a moment
 */
export async function approvalOfRun(
  reader: Reader,
  runId: string,
  deps: InboxDeps,
): Promise<Asked> {
  const own = await deps.runs.find({ userId: reader.userId, runId });
  if (own !== undefined) {
    const approval = newestOf(await deps.approvals.ofRun(own));
    if (approval === undefined && own.status === 'waiting_approval') {
      const message = 'This approval is being opened. Try again in a moment.';
      throw new RequestError('unavailable', message, { retryAfterSeconds: 1 });
    }
    if (approval === undefined) {
      throw new RequestError('conflict', `This run waits for no approval; it is ${own.status}.`);
    }
    return { approval, approver: approverAmong(reader, approval) };
  }
  const { email } = reader;
  if (email === undefined) throw notFound('run');
  const approver = { kind: 'named' as const, email };
  const refs = await deps.approvals.askedFor(approver, runId);
  const found = await Promise.all(refs.map((ref) => deps.approvals.find(ref)));
  const approval = newestOf(found.flatMap((one) => one ?? []));
  if (approval === undefined) throw notFound('run');
  return { approval, approver };
}

/** The 409 for whoever comes too late, naming who was first. */
export function alreadyDecided(decision: Decision): RequestError {
  return new RequestError('conflict', `${decisionWords(decision)} Nothing was changed.`);
}

/** A decision as one sentence. */
export function decisionWords({ outcome, by, via, at }: Decision): string {
  const when = `${at.replace('T', ' ').slice(0, 16)} UTC`;
  if (via === 'run_ended') return `The run ended at ${when} before anybody decided.`;
  if (via === 'timeout') return `Nobody decided in time: it counted as ${outcome} at ${when}.`;
  const who = by.kind === 'named' ? by.email : 'the owner';
  return `It was ${outcome} by ${who} at ${when}.`;
}

function approverAmong({ userId, email }: Reader, { approvers }: Approval): Approver {
  if (approvers.length === 0) return { kind: 'owner', userId };
  if (email !== undefined && approvers.includes(email)) return { kind: 'named', email };
  throw new RequestError('forbidden', `Only ${approvers.join(', ')} may decide this.`);
}

function identitiesOf({ userId, email }: Reader): Approver[] {
  const owner = { kind: 'owner' as const, userId };
  return email === undefined ? [owner] : [owner, { kind: 'named', email }];
}

function newestOf(approvals: readonly Approval[]): Approval | undefined {
  return approvals.find(({ decision }) => decision === undefined) ?? approvals.at(-1);
}
