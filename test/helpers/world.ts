import type { World } from '#core/world';

/** A world in which nothing can be reached but what a test puts there. */
export function worldWith(given: Partial<World> = {}): World {
  const nothing = () => Promise.reject(new Error('a unit test reached for the outside world'));
  return {
    http: { send: nothing },
    mail: { send: nothing },
    suppressions: { find: nothing },
    isolate: nothing,
    files: { put: nothing },
    memory: { recall: nothing, remember: nothing },
    clock: { now: () => Date.now() },
    profiles: { emailOf: nothing },
    models: {
      own: undefined,
      at: () => ({
        name: 'none',
        price: { input: 0, output: 0, source: 'this test' },
        ask: nothing,
      }),
    },
    connections: { open: nothing, version: nothing },
    records: { put: nothing },
    figures: nothing,
    own: { get: nothing },
    ...given,
  };
}
