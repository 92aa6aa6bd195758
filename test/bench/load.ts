import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Target } from '#test/bench/api';
import { monotonicMs } from '#test/bench/statistics';

/** An acknowledged webhook. Times are of the shared clock, in milliseconds. */
export type Accepted = {
  readonly runId: string;
  readonly sentAt: number;
  readonly answeredAt: number;
};

/** Somebody who calls a webhook over kept-alive connections. */
export type Caller = {
  /** @throws Error with the answer when it is not 202. */
  send(): Promise<Accepted>;
  close(): Promise<void>;
};

const REQUEST_LIMIT_MS = 30_000;
const BODY = JSON.stringify({
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  source: 'landing-page',
  budget: 1200,
});

/** @param extraHeaders made anew for each request. */
export function openCaller(
  { webhookUrl, secret }: Target,
  connections: number,
  extraHeaders: () => Record<string, string> = () => ({}),
): Caller {
  const { origin, pathname } = new URL(webhookUrl);
  const pool = new Pool(origin, {
    connections,
    headersTimeout: REQUEST_LIMIT_MS,
    bodyTimeout: REQUEST_LIMIT_MS,
  });
  return {
    async send() {
      const sentAt = monotonicMs();
      const { statusCode, body } = await pool.request({
        path: pathname,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-webhook-secret': secret,
          ...extraHeaders(),
        },
        body: BODY,
      });
      const text = await body.text();
      const answeredAt = monotonicMs();
      if (statusCode !== 202) throw new Error(`A webhook was answered ${statusCode}: ${text}`);
      const { run_id: runId } = JSON.parse(text) as { run_id: string };
      return { runId, sentAt, answeredAt };
    },
    close: () => pool.close(),
  };
}

/** Callers that each send their next webhook when the last one was answered. */
export async function callTogether(
  target: Target,
  { webhooks, callers }: { readonly webhooks: number; readonly callers: number },
  extraHeaders?: () => Record<string, string>,
): Promise<Accepted[]> {
  const caller = openCaller(target, callers, extraHeaders);
  const accepted: Accepted[] = [];
  let left = webhooks;
  async function sendOn(): Promise<void> {
    while (left > 0) {
      left -= 1;
      accepted.push(await caller.send());
    }
  }
  try {
    await Promise.all(Array.from({ length: callers }, sendOn));
    return accepted;
  } finally {
    await caller.close();
  }
}

/** Webhooks at a steady rate, whether or not the ones before were answered. */
export async function callSteadily(
  target: Target,
  { webhooks, rate }: { readonly webhooks: number; readonly rate: number },
): Promise<Accepted[]> {
  const caller = openCaller(target, rate);
  const startedAt = monotonicMs();
  const sent: Promise<Accepted>[] = [];
  try {
    for (let index = 0; index < webhooks; index += 1) {
      await delay(Math.max(0, startedAt + (index * 1_000) / rate - monotonicMs()));
      const accepted = caller.send();
      // Handled below, with all others; until then a failure must not end the process.
      accepted.catch(() => undefined);
      sent.push(accepted);
    }
    return await Promise.all(sent);
  } finally {
    await caller.close();
  }
}
