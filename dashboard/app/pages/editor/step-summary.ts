import type { Step } from '#dashboard/app/pages/editor/draft.ts';

/** The settings that say most about a step, in this order. */
const TELLING = [
  'url',
  'to',
  'subject',
  'agent_name',
  'message',
  'text',
  'items',
  'until',
  'title',
  'operation',
  'webhook_url',
  'channel',
];

/** One line about what a step does. */
export function stepSummary({ type, config, id }: Step): string {
  if (type === 'delay' && config['seconds'] !== undefined) return `${config['seconds']} seconds`;
  if (type === 'branch') {
    const count = Array.isArray(config['branches']) ? config['branches'].length : 0;
    return count === 1 ? 'One condition' : `${count} conditions`;
  }
  const name = TELLING.find((key) => isTold(config[key]));
  if (name === undefined) return id;
  const value = config[name];
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return name === 'url' && config['method'] ? `${config['method']} ${text}` : text;
}

function isTold(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || (Array.isArray(value) && value.length > 0);
}
