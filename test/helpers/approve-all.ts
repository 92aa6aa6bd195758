import type { ActionStep } from '#core/agents/agent';
import type { Approval, ApprovalContent } from '#core/approvals/approval';
import { decideApproval } from '#core/approvals/decide-approval';
import { carriedRun } from '#test/helpers/carried-run';
import { versionOf } from '#test/helpers/memory-ports';
import { control, loop } from '#test/helpers/workflow-world';

/** A step that asks. */
export const approval = control('ask', 'approval', { message: 'Go on?' });
/** A loop over a list, or over what a placeholder gives, named `each`. */
export const each = (items: unknown, actions: ActionStep[]) => loop('each', items, actions);

/** What is decided, each time. */
export type Answer = { readonly outcome: 'approved' | 'rejected'; readonly comment?: string };

/**
 * Carries a run to its end and decides whatever it asks.
 *
 * @param prepare sees the run before it starts
 */
export async function approveAll(
  actions: ActionStep[],
  trigger: unknown,
  answer: Answer = { outcome: 'approved' },
  prepare?: (run: ReturnType<typeof carriedRun>) => void,
) {
  const json = JSON.stringify({ body: trigger });
  const run = carriedRun({ ...versionOf([]), actions }, { trigger: { kind: 'inline', json } });
  prepare?.(run);
  const asked: { path: string; preview: ApprovalContent['preview'] }[] = [];
  const by = { kind: 'owner', userId: 'alice' } as const;
  for (let turn = 0; turn < 50; turn += 1) {
    const directive = await run.carryOn();
    if (directive.next === 'done') {
      const values = run.seen.map(({ config }) => (config as { value: unknown }).value);
      return { asked, values, status: run.runs.get('run_1').status };
    }
    if (directive.next === 'wait') run.clock.advance(Date.parse(directive.until) - run.clock.now());
    if (directive.next !== 'await') continue;
    await run.ask();
    const all = await run.approvals.store.ofRun({ userId: 'alice', runId: 'run_1' });
    const open = all.find(({ decision }) => decision === undefined) as Approval;
    const content = open.content.kind === 'inline' ? JSON.parse(open.content.json) : undefined;
    asked.push({ path: open.stepPath, preview: content.preview });
    await decideApproval(open, { ...answer, by, via: 'api' }, run.deps);
  }
  throw new Error('it goes on for ever');
}
