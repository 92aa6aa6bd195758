import { type EgressPolicy, judgeUrl } from '#core/egress/egress';
import { ActionRejectedError, type ConfigProblem } from '#core/errors';

/**
 * The address that an agent is to look at: the one in its input, or else the first in its prompt.
 *
 * @throws ActionRejectedError when there is none
 */
export function addressFrom(url: string | undefined, prompt: string): string {
  const found = url ?? /https?:\/\/[^\s"'<>)\]]+/i.exec(prompt)?.[0]?.replace(/[.,;:!?]+$/, '');
  if (found !== undefined) return found;
  throw new ActionRejectedError('Say which page: put its address into input.url.');
}

/** The address itself can be judged at save time unless a run has yet to fill it in. */
export function addressProblems(input: unknown, policy: EgressPolicy): ConfigProblem[] {
  const url = (input as { url?: unknown } | null)?.url;
  if (typeof url !== 'string' || url.includes('{{')) return [];
  const verdict = judgeUrl(url, policy);
  return verdict.verdict === 'allowed' ? [] : [{ path: ['url'], message: verdict.reason }];
}
