import type { Receiver } from '#test/helpers/receiver';

/** A kind of agent that gets webhooks, and what each of its runs must have come to in the end. */
export type Workload = {
  readonly name: string;
  actions(receiver: Pick<Receiver, 'url'>): readonly object[];
  /** Paths of the steps whose calls the outside gets, in their order. */
  effects(n: number): readonly string[];
  status(n: number): 'success' | 'cancelled';
};

/** What `webhook` sends: its number, and something to go through. */
export function bodyOf(n: number): object {
  return { n, items: ['a', 'b', 'c'] };
}

/** Some approvals are rejected, always those of the same webhooks. */
export function decisionAbout(n: number): 'approve' | 'reject' {
  return n % 3 === 0 ? 'reject' : 'approve';
}

/** Tells the receiver which webhook it is about, and which step it is. */
function post(receiver: Pick<Receiver, 'url'>, path: string) {
  const body = { n: '{{trigger.body.n}}', path };
  return { type: 'http', config: { method: 'POST', url: `${receiver.url}/effect`, body } };
}

function chain(steps: number): Workload {
  const paths = Array.from({ length: steps }, (_, step) => String(step));
  return {
    name: `Chain of ${steps}`,
    actions: (receiver) => paths.map((path) => post(receiver, path)),
    effects: () => paths,
    status: () => 'success',
  };
}

const pause: Workload = {
  name: 'Pause',
  actions: (receiver) => [
    post(receiver, '0'),
    { type: 'delay', config: { seconds: 1 } },
    post(receiver, '2'),
  ],
  effects: () => ['0', '2'],
  status: () => 'success',
};

const loop: Workload = {
  name: 'Loop',
  actions: (receiver) => [
    {
      type: 'for_each',
      config: {
        items: '{{trigger.body.items}}',
        actions: [post(receiver, '0[{{index}}].0'), post(receiver, '0[{{index}}].1')],
      },
    },
    post(receiver, '1'),
  ],
  effects: () => ['0[0].0', '0[0].1', '0[1].0', '0[1].1', '0[2].0', '0[2].1', '1'],
  status: () => 'success',
};

const approval: Workload = {
  name: 'Approval',
  actions: (receiver) => [
    post(receiver, '0'),
    { type: 'approval', config: { message: 'Go on with {{trigger.body.n}}' } },
    post(receiver, '2'),
  ],
  effects: (n) => (decisionAbout(n) === 'approve' ? ['0', '2'] : ['0']),
  status: (n) => (decisionAbout(n) === 'approve' ? 'success' : 'cancelled'),
};

/** Without and with a state machine. */
export const CHAINS: readonly Workload[] = [chain(1), chain(3)];

/** With everything that a run can wait for, and work inside of a loop. */
export const ALL_WORKLOADS: readonly Workload[] = [...CHAINS, pause, loop, chain(1), approval];
