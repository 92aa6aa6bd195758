import { TemplateError } from '#core/templates/templates';

/** Fields that Slack shows as they are; escapes would be seen, or break a link. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  'action_id',
  'block_id',
  'channel',
  'connection_id',
  'image_url',
  'thumb_url',
  'url',
  'value',
  'webhook_url',
]);

/**
 * Writes data into a message so that Slack reads it as text: `<!channel>`, mentions and links in it
 * stay what they are, characters. Only what the author of the step wrote has a meaning.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 * @throws TemplateError for a list or an object: it could be a block of somebody else's making.
 */
export function embedInMessage(value: unknown, field: string): unknown {
  const isText = field === 'text';
  if (typeof value === 'object' && value !== null && !isText) {
    throw new TemplateError(
      'gives a list or an object, which may not become a part of blocks: write the blocks in the step, and put data into their texts',
    );
  }
  if (PLAIN_FIELDS.has(field)) return value;
  if (typeof value === 'string') return escaped(value);
  // A whole text that is one placeholder: people mean the value as text.
  return isText
    ? escaped(typeof value === 'object' ? JSON.stringify(value) : String(value))
    : value;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
