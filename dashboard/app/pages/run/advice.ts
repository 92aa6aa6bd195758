import type { Failure } from '#dashboard/app/api/generated/api.ts';

/** What to do about a failure of a run; undefined when its message says it all. */
export function adviceFor({ code, message }: Failure): string | undefined {
  if (code === 'action_rejected' && message.startsWith('{{')) {
    return 'Correct the placeholder in the step, or give it a default: {{ … | default: "" }}. Then replay the run.';
  }
  return advices[code];
}

const advices: Readonly<Record<string, string>> = {
  action_rejected:
    'Trying again does not help: change the step or what it is given, then replay the run from it.',
  action_unavailable:
    'All attempts failed. When the other side works again, replay the run from this step; more attempts can be set in the step.',
  internal_error: 'Replay the run. If it happens again, tell support the run’s id.',
  account_suspended: 'Ask your operator to lift the suspension; then replay the run.',
  run_timeout: 'Give the run more time in the agent’s settings, or split the work.',
  approval_timeout: 'Replay the run from the approval to ask again.',
  definition_missing: 'Replay the run on the newest version of the agent.',
};
