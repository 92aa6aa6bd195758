import { useQuery } from '@tanstack/react-query';
import { connectionsQuery } from '#dashboard/app/api/connections.ts';
import type { FieldProblem } from '#dashboard/app/api/problem.ts';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';

/** Where a Slack step posts to, of which no single field can tell. */
export const SLACK_PLACE =
  'Say where to post: give a webhook URL, or choose one of your Slack connections. A bot needs a channel, too.';

const ways: Readonly<Record<string, string>> = {
  webhook_url: 'this, or a connection',
  connection_id: 'this, or a webhook URL',
};

/** Of which fields one is needed. @param path JSON path of a field of a Slack step */
export function needOfPlace(path: string): string | undefined {
  return ways[path.split('.').at(-1) ?? ''];
}

/** What a Slack step still lacks that is only known with its connection: a bot's channel. @param path JSON path of the step */
export function useMissingChannel(step: Step, path: string): FieldProblem | undefined {
  const { connection_id, channel } = step.config;
  const isSlack = step.type === 'slack';
  const connections = useQuery({ ...connectionsQuery(), enabled: isSlack });
  const chosen = connections.data?.find(({ id }) => id === connection_id);
  if (!isSlack || chosen?.kind !== 'slack_bot' || channel !== undefined) return undefined;
  return {
    path: `${path}.config.channel`,
    message: `“${chosen.name}” is a bot: say where it posts.`,
  };
}
