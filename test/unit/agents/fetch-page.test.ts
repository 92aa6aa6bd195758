import { expect, it } from 'vitest';
import { fetchPage } from '#agents/scraping/fetch-page';
import type { Http, IncomingResponse } from '#core/http';
import { failureOf } from '#test/helpers/egress-send';

const URL_OF_PAGE = 'https://example.com/page';
const DATE = 'Sun, 22 Nov 2026 09:00:00 GMT';

/** Asks for a page of a site without a robots.txt. */
function fetchFrom(answer: Pick<IncomingResponse, 'status' | 'headers'>) {
  const send: Http['send'] = async ({ url }) => ({
    ...(url === URL_OF_PAGE ? answer : { status: 404, headers: {} }),
    url,
    body: new Uint8Array(),
  });
  return fetchPage(URL_OF_PAGE, { http: { send }, signal: new AbortController().signal });
}

it.each([
  [429, '30', 30],
  [503, 'Sun, 22 Nov 2026 09:01:30 GMT', 90],
  [425, undefined, undefined],
])(
  'a page that answers %i with Retry-After %s is asked for again after %s s',
  async (status, asked, seconds) => {
    const headers = { date: DATE, ...(asked !== undefined && { 'retry-after': asked }) };

    expect(await failureOf(fetchFrom({ status, headers }))).toMatchObject({
      name: 'ActionUnavailableError',
      message: `example.com answered ${status}.`,
      retryAfterSeconds: seconds,
    });
  },
);

it.each([
  [403, 'The page does not want us'],
  [404, 'Check the address'],
])('a page that answers %i is not asked for again', async (status, advice) => {
  expect(await failureOf(fetchFrom({ status, headers: {} }))).toMatchObject({
    name: 'ActionRejectedError',
    message: `example.com answered ${status}. ${advice}.`,
  });
});
