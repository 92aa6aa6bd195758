import { afterEach, beforeEach } from 'vitest';
import { type Gateway, listen } from '#local/gateway/gateway';
import { createGuards } from '#local/gateway/guards';
import { readHttpApi } from '#local/gateway/routes';
import type { Site } from '#local/gateway/site';
import type { InvocationResult } from '#local/lambda/protocol';
import { deploymentOf, httpApiResources } from './template.ts';

const PUBLIC_URL = 'https://hooks.example';

/** A gateway in front of a function that answers as it is told. */
type OpenedGateway = {
  gateway: Gateway;
  /** What the function was invoked with. */
  events: Record<string, unknown>[];
  /** How the function answers. */
  reply: (event: Record<string, unknown>) => unknown;
};

/** Opens one for each test of the file. */
export function openedGateway(): OpenedGateway {
  const opened = {} as OpenedGateway;
  beforeEach(async () => {
    const gateway = await listen(0);
    Object.assign(opened, { gateway, events: [], reply: () => ({ statusCode: 200, body: 'ok' }) });
    gateway.open(siteOf(opened));
  });
  afterEach(() => opened.gateway.close());
  return opened;
}

function siteOf(opened: OpenedGateway): Site {
  const resources = httpApiResources({
    'ANY /api/{proxy+}': { function: 'api' },
    'POST /api/hook/{id}': { function: 'hook', public: true },
    'GET /forbidden': { function: 'api', permitted: false },
  });
  return {
    api: readHttpApi(deploymentOf(resources)),
    accountId: '000000000000',
    guards: createGuards(opened.gateway.port, PUBLIC_URL),
    doors: [
      {
        method: 'POST',
        path: /^\/local\/echo\/(?<name>\w+)$/,
        answer: ({ parameters, body }) => ({
          status: 200,
          headers: {},
          body: `${parameters['name']} ${body}`,
        }),
      },
    ],
    async invoke(functionName, payload): Promise<InvocationResult> {
      const event = JSON.parse(payload) as Record<string, unknown>;
      opened.events.push({ ...event, functionName });
      try {
        const answer = await opened.reply(event);
        return { status: 'succeeded', payload: JSON.stringify(answer) ?? 'null' };
      } catch (error) {
        const errorMessage = String(error);
        return { status: 'failed', error: { errorType: 'Error', errorMessage } };
      }
    },
  };
}
