import type { PageElement } from 'linkedom';
import { textOf } from '#agents/scraping/text';

/** A table as rows of texts. */
export type PageTable = {
  readonly caption: string | null;
  /** Texts of its head; empty when it has none. */
  readonly columns: string[];
  readonly rows: string[][];
};

const MAX_TABLES = 20;
const MAX_ROWS = 500;
const MAX_COLUMNS = 50;
const MAX_CELL_CHARACTERS = 500;

/** The tables that hold data: those with more than one column, and none inside them. */
export function tablesOf(root: PageElement): PageTable[] {
  const tables: PageTable[] = [];
  for (const element of root.querySelectorAll('table')) {
    if (tables.length === MAX_TABLES) break;
    if (element.querySelector('table') !== null) continue;
    const table = readTable(element);
    if (table.rows.length > 0 && (table.rows[0]?.length ?? 0) > 1) tables.push(table);
  }
  return tables;
}

/** One table; cells that span several columns or rows are repeated. */
export function readTable(element: PageElement): PageTable {
  const rows = readRows([...element.querySelectorAll('tr')].slice(0, MAX_ROWS));
  const filled = rows.filter(({ texts }) => texts.length > 0);
  const [first, ...others] = filled;
  const hasHead = first?.isHead ?? false;
  const caption = element.querySelector('caption');
  return {
    caption: caption ? textOf(caption, MAX_CELL_CHARACTERS) : null,
    columns: hasHead ? (first?.texts ?? []) : [],
    rows: (hasHead ? others : filled).map(({ texts }) => texts),
  };
}

type Row = { readonly isHead: boolean; readonly texts: string[] };

/** What a cell above puts into a column of the rows below it. */
type Spanning = { readonly text: string; readonly rows: number };

/** No cell reaches from the head of a table into its body. */
function readRows(elements: readonly PageElement[]): Row[] {
  let spanning = new Map<number, Spanning>();
  return elements.map((element, index) => {
    if (element.parentElement !== elements[index - 1]?.parentElement) spanning = new Map();
    const row = readRow(element, spanning);
    spanning = row.below;
    return row;
  });
}

function readRow(
  row: PageElement,
  above: ReadonlyMap<number, Spanning>,
): Row & { readonly below: Map<number, Spanning> } {
  const cells = [...row.children].filter(
    ({ localName }) => localName === 'td' || localName === 'th',
  );
  const below = new Map<number, Spanning>();
  const texts: string[] = [];
  const add = ({ text, rows }: Spanning) => {
    if (texts.length === MAX_COLUMNS) return;
    if (rows > 1) below.set(texts.length, { text, rows: rows - 1 });
    texts.push(text);
  };
  const addSpanning = () => {
    for (let one = above.get(texts.length); one; one = above.get(texts.length)) add(one);
  };
  for (const cell of cells) {
    const text = textOf(cell, MAX_CELL_CHARACTERS);
    const rows = spanOf(cell, 'rowspan', MAX_ROWS);
    for (let columns = spanOf(cell, 'colspan', MAX_COLUMNS); columns > 0; columns -= 1) {
      addSpanning();
      add({ text, rows });
    }
  }
  addSpanning();
  const isHead =
    cells.length > 0 &&
    (cells.every(({ localName }) => localName === 'th') ||
      row.parentElement?.localName === 'thead');
  return { isHead, texts, below };
}

function spanOf(cell: PageElement, name: 'colspan' | 'rowspan', most: number): number {
  return Math.min(most, Math.max(1, Math.floor(Number(cell.getAttribute(name))) || 1));
}

/** A table in Markdown, with an empty head where it has none. */
export function tableToMarkdown({ columns, rows }: PageTable): string {
  const width = Math.max(columns.length, ...rows.map((row) => row.length));
  if (width === 0) return '';
  const line = (texts: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, index) => escapeCell(texts[index] ?? '')).join(' | ')} |`;
  return [line(columns), `|${' --- |'.repeat(width)}`, ...rows.map(line)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|');
}
