import * as z from 'zod';
import { defineAction } from '#core/action';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';

/** Reads something public of this deployment. For the product's own automations only. */
export const ownRequest = defineAction({
  type: 'own_request',
  title: 'Request to this deployment',
  description: 'Reads a public address of this deployment, as its users reach it.',
  config: z.strictObject({
    path: z.string().startsWith('/api/').max(200).describe('A path that needs no token.'),
  }),
  output: z.strictObject({ status: z.int(), json: z.json().optional(), text: z.string() }),
  credits: 1,
  idempotency: 'Reads only.',
  async run({ config, own, signal }) {
    const { status, body } = await own.get(config.path, signal);
    const text = Buffer.from(body).toString('utf8').slice(0, 200_000);
    const json = parsed(text);
    const answered = `${config.path} answered ${status}${reasonIn(json)}`;
    if (status >= 500) throw new ActionUnavailableError(answered);
    if (status >= 400) throw new ActionRejectedError(answered);
    return { output: { status, json, text }, summary: `${config.path}: ${status}` };
  },
});

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What our API says is wrong, such as which service does not work. */
const Problem = z.object({ error: z.object({ message: z.string() }) });

function reasonIn(json: unknown): string {
  const problem = Problem.safeParse(json);
  return problem.success ? `: ${problem.data.error.message}` : '.';
}
