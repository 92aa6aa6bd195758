import { expect, it } from 'vitest';
import { maskedConfig } from '#core/approvals/masked-config';

it.each([
  [
    { headers: { Authorization: 'Bearer x', 'X-Trace': 'y' } },
    { headers: { Authorization: '****', 'X-Trace': 'y' } },
  ],
  [{ body: { password: 'x', api_key: 12345 } }, { body: { password: '****', api_key: '****' } }],
  [{ secrets: ['x', { deep: 'y' }] }, { secrets: ['****', { deep: '****' }] }],
  [{ tokens: { ok: true, none: null } }, { tokens: { ok: true, none: null } }],
  [
    { webhook_url: 'https://hooks.slack.com/services/T0/B0/x?y=z' },
    { webhook_url: 'https://hooks.slack.com/****' },
  ],
  [{ webhook_url: '{{trigger.body.hook}}' }, { webhook_url: '****' }],
  [
    { url: 'https://ada:pw@api.example.com/orders/7?api_key=x&page=2&Token=y#top' },
    { url: 'https://****@api.example.com/orders/7?api_key=****&page=2&Token=****#top' },
  ],
  [
    { text: 'Is token=x right? See https://example.com/?token=y' },
    { text: 'Is token=x right? See https://example.com/?token=y' },
  ],
])('of %j the approver sees %j', (config, shown) => {
  expect(maskedConfig(config)).toEqual(shown);
});
