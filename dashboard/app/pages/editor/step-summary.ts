import { inUnits } from '#dashboard/app/format/duration.ts';
import { wordsOf } from '#dashboard/app/forms/words.ts';
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
export function stepSummary({ type, config }: Step): string {
  if (type === 'delay' && typeof config['seconds'] === 'number') return inUnits(config['seconds']);
  if (type === 'branch') {
    const count = Array.isArray(config['branches']) ? config['branches'].length : 0;
    return count === 1 ? 'One condition' : `${count} conditions`;
  }
  const name = TELLING.find((key) => isTold(config[key]));
  if (name === undefined) return 'Not filled in yet';
  const value = wordsOf(name).choices?.[String(config[name])] ?? config[name];
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return name === 'url' && config['method'] ? `${config['method']} ${text}` : text;
}

function isTold(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || (Array.isArray(value) && value.length > 0);
}
