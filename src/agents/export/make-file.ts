import { toCsv, toHtml, toMarkdown } from '#agents/export/formats';
import type { ExportFormat, ExportInput } from '#agents/export/schema';
import { type Table, tableOf } from '#agents/export/table';

/** What to write. */
export type FileRequest = Pick<ExportInput, 'data' | 'format' | 'title' | 'columns'>;

/** A file, or why it cannot be made, in words for people. */
export type MadeFile =
  | { readonly body: Uint8Array; readonly rows: number | null }
  | { readonly problem: string };

/** Makes a file of data. Pure, and as long as the data: for a process of its own. */
export async function makeFile({ data, format, title, columns }: FileRequest): Promise<MadeFile> {
  if (format === 'json') return { body: bytes(`${JSON.stringify(data, null, 2)}\n`), rows: null };
  const isProse = typeof data === 'string' && (format === 'markdown' || format === 'html');
  const content = isProse ? data : tableOf(data, columns);
  if (content === undefined) {
    return {
      problem: 'A file may have 50,000 rows and 200 columns. Write less of it, or as JSON.',
    };
  }
  const rows = typeof content === 'string' ? null : content.rows.length;
  return { body: await write(content, format, title), rows };
}

async function write(
  content: Table | string,
  format: Exclude<ExportFormat, 'json'>,
  title: string | undefined,
): Promise<Uint8Array> {
  if (format === 'markdown') return bytes(toMarkdown(content, title));
  if (format === 'html') return bytes(toHtml(content, title));
  const table = typeof content === 'string' ? { columns: [], rows: [] } : content;
  if (format === 'csv') return bytes(toCsv(table));
  const { toXlsx } = await import('#agents/export/xlsx');
  return toXlsx(table);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
