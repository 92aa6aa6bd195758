import { join } from 'node:path';
import { ServiceError, startJsonServer } from '#local/services/json-server';
import { openNewest } from '#local/services/newest';
import type { PrivateServer } from '#local/services/private-server';
import { openConfigurationSets } from '#local/services/ses/configuration-sets';
import type { Mailbox, SentMail } from '#local/services/ses/mailbox';
import { type SesWorld, sesOperations } from '#local/services/ses/operations';
import type { MailOutcome } from '#local/services/ses/simulator';

/** A running SES, and what it has sent. */
export type Ses = PrivateServer & {
  readonly mailbox: Pick<Mailbox, 'newestFirst' | 'clear'>;
  /** Has somebody told what becomes of e-mail from then on; until then it is not kept. */
  tell(onOutcome: (outcome: MailOutcome) => void): void;
};

/** What an account at SES is like. */
export type SesAccount = {
  /** Addresses and domains that may send. */
  readonly identities: readonly string[];
  /** @default false */
  readonly isSandbox?: boolean;
  /** @default 1000 */
  readonly maxPerSecond?: number;
};

/**
 * Start an SES that sends nothing and keeps everything, in `ses.sqlite`. It answers JSON: what speaks the query
 * protocol to it is translated on the way.
 *
 * @param options.dataDir directory of the file, which exists.
 */
export async function startSes(
  options: SesAccount & { readonly dataDir: string; readonly region: string },
): Promise<Ses> {
  const { identities, isSandbox = false, maxPerSecond = 1_000, region } = options;
  const mailbox = openNewest<SentMail>(join(options.dataDir, 'ses.sqlite'), 'mail');
  let listener: (outcome: MailOutcome) => void = () => undefined;
  const world: SesWorld = {
    sets: openConfigurationSets(),
    // After the answer, as it is on AWS.
    onOutcome: (outcome) => void setImmediate(() => listener(outcome)),
    mailbox,
    identities: new Set(identities.map((identity) => identity.toLowerCase())),
    isSandbox,
    maxPerSecond,
    region,
    now: () => Date.now(),
  };
  const operations = sesOperations();
  const server = await startJsonServer((operation, input) => {
    const run = operations[operation];
    if (!run) throw new ServiceError('InvalidAction', `${operation} is unknown here.`);
    return run(world, input);
  });
  return {
    endpoint: server.endpoint,
    mailbox,
    tell(onOutcome) {
      listener = onOutcome;
    },
    async close() {
      await server.close();
      mailbox.close();
    },
  };
}
