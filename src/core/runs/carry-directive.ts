import type { Directive } from '#core/steps/run-steps';

/** After the end of an approval's time, how long its decision may take to arrive, in seconds. */
const DECISION_GRACE_SECONDS = 5;

/** Longest wait of one state, in seconds; beyond it the wait is begun again. */
const LONGEST_STATE_SECONDS = 31_000_000;

/** What the state machine does next. It holds nothing but this. */
export type CarryDirective =
  | { readonly next: 'done' }
  | { readonly next: 'continue' }
  /** ISO 8601 */
  | { readonly next: 'wait'; readonly until: string }
  | { readonly next: 'await'; readonly timeout_seconds: number };

/** A worker's directive as the state machine takes it. @param now epoch milliseconds */
export function carryDirective(directive: Directive, now: number): CarryDirective {
  switch (directive.next) {
    case 'wait':
      return { next: 'wait', until: new Date(directive.until).toISOString() };
    case 'await': {
      const seconds = Math.ceil((directive.until - now) / 1_000) + DECISION_GRACE_SECONDS;
      const timeout_seconds = Math.min(Math.max(1, seconds), LONGEST_STATE_SECONDS);
      return { next: 'await', timeout_seconds };
    }
    case 'continue':
      return { next: 'continue' };
    case 'stop':
    case 'done':
      return { next: 'done' };
  }
}
