import { describe, expect, it } from 'vitest';
import { slack } from '#actions/slack';
import { inPeoplesWords, mayPass } from '#actions/slack/error-words';
import { resolveTemplates } from '#core/templates/templates';

const resolve = (config: unknown, body: unknown) =>
  resolveTemplates(config, { trigger: { body } }, undefined, slack.embed);

describe('data in a Slack message', () => {
  it.each([
    ['<!channel>', '&lt;!channel&gt;'],
    ['<!here|here>', '&lt;!here|here&gt;'],
    ['<@U0123>', '&lt;@U0123&gt;'],
    ['<https://evil.example|bank.example>', '&lt;https://evil.example|bank.example&gt;'],
    ['&lt;!channel&gt;', '&amp;lt;!channel&amp;gt;'],
    ['Fish & <b>', 'Fish &amp; &lt;b&gt;'],
    [7, '7'],
    [{ a: '<!channel>' }, '{"a":"&lt;!channel&gt;"}'],
  ])('cannot be more than text: %j', (value, shown) => {
    const config = { text: '{{trigger.body}}', more: { text: 'Said: {{trigger.body}}!' } };

    expect(resolve(config, value)).toEqual({ text: shown, more: { text: `Said: ${shown}!` } });
  });

  it("leaves the author's own mentions and links", () => {
    const text = '<!channel> <https://example.com|see> {{trigger.body}}';

    expect(resolve({ text }, '<!here>')).toEqual({
      text: '<!channel> <https://example.com|see> &lt;!here&gt;',
    });
  });

  it('is escaped in the texts of blocks, and left alone in their addresses', () => {
    const blocks = [
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            text: { type: 'plain_text', text: '{{trigger.body.name}}' },
            url: 'https://example.com/?{{trigger.body.query}}',
          },
        ],
      },
    ];

    expect(resolve({ blocks }, { name: 'A&B', query: 'a=1&b=2' })).toMatchObject({
      blocks: [{ elements: [{ text: { text: 'A&amp;B' }, url: 'https://example.com/?a=1&b=2' }] }],
    });
  });

  it.each([
    [{ blocks: '{{trigger.body}}' }],
    [{ blocks: ['{{trigger.body}}'] }],
    [{ blocks: [{ type: 'rich_text', elements: ['{{trigger.body}}'] }] }],
  ])('cannot become a block: %j', (config) => {
    const broadcast = { type: 'broadcast', range: 'channel' };

    expect(() => resolve(config, broadcast)).toThrow('may not become a part of blocks');
  });
});

describe("Slack's error words", () => {
  it.each([
    ['no_service', /removed or switched off/],
    ['channel_not_found', /no such channel/],
    ['missing_scope', /chat:write/],
    ['some_new_word', /^Slack answered "some_new_word"\.$/],
  ])('%s is said so that people know what to change', (word, told) => {
    expect(inPeoplesWords(word)).toMatch(told);
  });

  it('shows nothing but words', () => {
    expect(inPeoplesWords('<html>token xoxb-1</html>')).toBe('Slack did not take the message.');
  });

  it.each([
    ['ratelimited', true],
    ['internal_error', true],
    ['invalid_auth', false],
  ])('%s: trying again may help: %s', (word, expected) => {
    expect(mayPass(word)).toBe(expected);
  });
});
