import { describe, expect, it } from 'vitest';
import { inUnits, unitOf } from '#dashboard/app/format/duration.ts';
import { messageInWords, nameOf } from '#dashboard/app/forms/words.ts';

describe('the words of forms', () => {
  it.each([
    ['actions[0].config.url', 'URL'],
    ['actions[2].config.to[1]', 'To 2'],
    ['actions[0].timeout_seconds', 'Time limit'],
    ['actions[0].config.timeout_seconds', 'Time to decide'],
    ['settings.some_new_field', 'Some new field'],
  ])('calls %s %s', (path, name) => {
    expect(nameOf(path)).toBe(name);
  });

  it.each([
    ['This field is missing. Give a list.', 'Give at least one.'],
    ['This must have at least 1 character.', 'Fill this in.'],
    ['This field is missing. Give a number.', 'Fill this in: a number.'],
    ['Give either webhook_url or api_key.', 'Give either “Webhook URL” or “API key”.'],
    ['{{steps.get_page.output}} comes later.', '{{steps.get_page.output}} comes later.'],
    ['No step is called "get_page".', 'No step is called "get_page".'],
    ['https://example.com/a_b is not public.', 'https://example.com/a_b is not public.'],
    ['There is no such field here. Did you mean max_items?', undefined],
  ])('says of %j: %j', (message, words = message) => {
    expect(messageInWords(message)).toBe(words);
  });

  it.each([
    [604_800, '7 days'],
    [86_400, '1 day'],
    [5_400, '90 minutes'],
    [90, '90 seconds'],
    [0.5, '0.5 seconds'],
    [0, '0 seconds'],
  ])('says %d seconds as %s', (seconds, words) => {
    expect(inUnits(seconds)).toBe(words);
  });

  it('counts in minutes what is not said yet', () => {
    expect(unitOf(undefined)).toBe('minutes');
  });
});
