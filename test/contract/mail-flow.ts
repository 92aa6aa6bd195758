import { client, type Flow, succeeds, unlessDenied } from '#test/contract/flow-steps';
import { temporaryDirectory } from '#test/helpers/directories';

/** An e-mail that comes back, after which its address is on the list. */
export const returned: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const alice = await client(machine);
    const to = ['bounce@simulator.amazonses.com'];
    const { id } = await alice.create({
      name: 'Writer',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'email', config: { to, subject: 'Hello', body: 'Hello.' } }],
    });
    const { body } = await alice.post(`/api/agents/${id}/run`, {});
    await succeeds(alice, body.run_id, isDenied);
    await unlessDenied(async () => (await alice.get('/api/suppressions')).body.items[0], isDenied);
  },
};
