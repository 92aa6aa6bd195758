import * as z from 'zod';
import { GOOGLE_KINDS, googleBase } from '#actions/google/kinds';
import { googleRefusal } from '#actions/google/refusal';
import { defineAction } from '#core/action';
import { ActionRejectedError } from '#core/errors';
import { jsonBody } from '#core/provider-answer';

const SCOPES = ['https://www.googleapis.com/auth/spreadsheets'];

const Cell = z.union([z.string().max(50_000), z.number(), z.boolean(), z.null()]);

const Config = z.strictObject({
  connection_id: z.string().describe('Your Google connection.'),
  operation: z
    .enum(['append_row', 'update_cell'])
    .describe('Whether rows are added below what is there, or cells are overwritten.'),
  spreadsheet_id: z
    .string()
    .regex(/^[\w-]{10,200}$/, 'Give the id: the long part of the address, between /d/ and /edit.')
    .describe('The long part of its address, between /d/ and /edit.')
    .meta({ examples: ['1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms'] }),
  range: z
    .string()
    .min(1)
    .max(500)
    .describe('In A1 notation: the sheet for new rows, the cells to overwrite otherwise.')
    .meta({ examples: ['Leads!A:C', 'Leads!B2'] }),
  values: z
    .union([z.array(Cell).min(1), z.array(z.array(Cell).min(1)).min(1).max(1_000)])
    .describe(
      'The cells of one row, or a list of rows. An empty place (null) leaves a cell as it is.',
    )
    .meta({ examples: [['{{trigger.body.email}}', '{{run.triggered_at}}']] }),
  value_input: z
    .enum(['raw', 'user_entered'])
    .default('raw')
    .describe(
      'raw stores texts as they are; user_entered reads them as if typed, so that data may become a date, or a formula.',
    ),
});

const Output = z.strictObject({
  updated_range: z.string().describe('The cells that were written, in A1 notation.'),
  updated_rows: z.int().describe('How many rows they are in.'),
  updated_columns: z.int().describe('How many columns they are in.'),
  updated_cells: z.int().describe('How many they are.'),
});

const Updates = z.object({
  updatedRange: z.string(),
  updatedRows: z.int().default(0),
  updatedColumns: z.int().default(0),
  updatedCells: z.int().default(0),
});

/** What Google answers: of an append, the update is one level down. */
const Answer = z.union([z.object({ updates: Updates }).transform((one) => one.updates), Updates]);

/** Writes to a Google spreadsheet. */
export const googleSheets = defineAction({
  type: 'google_sheets',
  title: 'Google Sheets',
  description: 'Adds rows to a Google spreadsheet, or overwrites cells.',
  config: Config,
  output: Output,
  credits: 1,
  idempotency:
    'update_cell is harmless to repeat; append_row adds its rows a second time if the machine dies between the call and its record.',
  connections: [{ at: ['connection_id'], kinds: GOOGLE_KINDS }],

  async run({ config, connect, signal }) {
    const { settings, http } = await connect(config.connection_id, GOOGLE_KINDS, SCOPES);
    const base = googleBase(settings, 'https://sheets.googleapis.com');
    const response = await http.send(requestFor(config, base), { signal });
    if (response.status >= 300) throw googleRefusal(response, 'Google Sheets', advice(settings));
    const updates = Answer.safeParse(jsonBody(response));
    if (!updates.success) throw new ActionRejectedError('Google Sheets answered something else.');
    const { updatedRange, updatedRows, updatedColumns, updatedCells } = updates.data;
    return {
      output: {
        updated_range: updatedRange,
        updated_rows: updatedRows,
        updated_columns: updatedColumns,
        updated_cells: updatedCells,
      },
      summary: `Wrote ${updatedRange}`,
    };
  },
});

/** @see https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values */
function requestFor(config: z.output<typeof Config>, base: string) {
  const { operation, spreadsheet_id, range, values, value_input } = config;
  const isAppend = operation === 'append_row';
  const cells = `${base}/v4/spreadsheets/${spreadsheet_id}/values/${encodeURIComponent(range)}`;
  const query = new URLSearchParams({
    valueInputOption: value_input.toUpperCase(),
    ...(isAppend && { insertDataOption: 'INSERT_ROWS' }),
  });
  const rows = values.every((row) => Array.isArray(row)) ? values : [values];
  return {
    method: isAppend ? 'POST' : 'PUT',
    url: `${cells}${isAppend ? ':append' : ''}?${query}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ range, majorDimension: 'ROWS', values: rows }),
  };
}

function advice({ client_email }: Readonly<Record<string, string>>): Record<string, string> {
  const whom = client_email ?? 'the account of the connection';
  return {
    400: 'Check the range, and that the sheet has this name.',
    401: 'Google does not accept the connection any more. Make a new one.',
    403: `Share the spreadsheet with ${whom}, as an editor, and switch the Sheets API on.`,
    404: 'There is no such spreadsheet. Check spreadsheet_id.',
    429: 'Its limit of requests a minute is reached.',
  };
}
