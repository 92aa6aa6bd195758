import { randomUUID } from 'node:crypto';
import { copyOf, openMachine, type TestMachine } from '#test/helpers/machine';
import { startReceiver } from '#test/helpers/receiver';

/** The secret of {@link small}. */
export const SECRET = 'a-secret-of-sixteen';

/** By path of the steps that wait for them. */
const gates = new Map<string, Promise<void>>();

/** What the agents of all flows call. */
export const receiver = await startReceiver();
receiver.answer(({ path, headers }) => {
  if (path === '/large') return { body: { text: 'x'.repeat(300_000) } };
  if (path.startsWith('/stuck')) return new Promise(() => {});
  if (gates.has(path)) return gates.get(path)?.then(() => ({})) ?? {};
  const key = headers['idempotency-key'];
  const attempts = receiver.requests.filter((one) => one.headers['idempotency-key'] === key);
  return { status: path === '/busy-once' && attempts.length === 1 ? 503 : 200 };
});

/** A step that calls the receiver. */
export const post = (path: string, body: unknown) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body },
});

/** A step that is not over before it is let go. */
export function heldStep() {
  const path = `/held/${randomUUID()}`;
  const gate = Promise.withResolvers<void>();
  gates.set(path, gate.promise);
  return { step: post(path, {}), letGo: gate.resolve };
}

/** An agent of one step. */
export const small = {
  name: 'Small',
  trigger_config: { type: 'webhook', secret: SECRET },
  actions: [post('/take', {})],
};

/** Starts a machine whose agents may call the receiver; it stops when it goes out of scope. */
export async function opened(
  directory: string,
  dataDir: string,
): Promise<TestMachine & AsyncDisposable> {
  const egressAllow = [`127.0.0.1:${receiver.port}`];
  const parameters = { ModelId: 'amazon.nova-lite-v1:0', ModelProfile: 'us.amazon.nova-lite-v1:0' };
  const machine = await openMachine({ cdkOut: directory, dataDir, egressAllow, parameters });
  return { ...machine, [Symbol.asyncDispose]: () => machine.stop() };
}

const directories = new Map<string, Promise<string>>();

/** Prepares a directory once, and gives each caller a copy. */
export async function prepared(name: string, prepare: () => Promise<string>): Promise<string> {
  const preparing = directories.get(name) ?? prepare();
  directories.set(name, preparing);
  return copyOf(await preparing);
}
