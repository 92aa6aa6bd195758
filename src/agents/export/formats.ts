import type { Table } from '#agents/export/table';
import { escapeHtml } from '#core/html';

/** How spreadsheets begin what they would compute, in full width too, as Japanese ones take it. */
const FORMULA = /^[=+\-@＝＋－＠\t\r\n]/;

/**
 * Comma-separated values as RFC 4180 has them, with a byte order mark so that spreadsheets read
 * UTF-8. A text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
export function toCsv({ columns, rows }: Table): string {
  const lines = [columns, ...rows].map((row) => row.map(csvCell).join(','));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A table, or a text as it is, under a heading. */
export function toMarkdown(content: Table | string, title: string | undefined): string {
  const heading = title === undefined ? '' : `# ${oneLine(title)}\n\n`;
  if (typeof content === 'string') return `${heading}${content}\n`;
  const line = (row: readonly unknown[]) => `| ${row.map(markdownCell).join(' | ')} |\n`;
  const { columns, rows } = content;
  return `${heading}${line(columns)}|${' --- |'.repeat(columns.length)}\n${rows.map(line).join('')}`;
}

function markdownCell(value: unknown): string {
  return oneLine(String(value ?? '')).replaceAll(/[\\|<>[\]`*_]/g, '\\$&');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}pre{white-space:pre-wrap}';

/** A page of its own that loads nothing and runs nothing. Every text is text. */
export function toHtml(content: Table | string, title: string | undefined): string {
  const heading = escapeHtml(title ?? 'Export');
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${heading}</title><style>${STYLE}</style></head>\n<body><h1>${heading}</h1>\n${bodyOf(content)}\n</body></html>\n`;
}

function bodyOf(content: Table | string): string {
  if (typeof content === 'string') return `<pre>${escapeHtml(content)}</pre>`;
  const row = (tag: 'th' | 'td') => (cells: readonly unknown[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(String(cell ?? ''))}</${tag}>`).join('')}</tr>`;
  const body = content.rows.map(row('td')).join('\n');
  return `<table>\n<thead>${row('th')(content.columns)}</thead>\n<tbody>\n${body}\n</tbody></table>`;
}
