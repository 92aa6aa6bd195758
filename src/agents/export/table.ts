import { isPlainObject } from '#core/templates/json';
/** What a cell may hold. */
export type Cell = string | number | boolean | null;

/** Data as rows under named columns. */
export type Table = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

/** Most rows and columns of a file. */
const MAX_ROWS = 50_000;
const MAX_COLUMNS = 200;

/**
 * Data as a table: of objects their fields, of lists their places, of other values one column. One
 * object is a table of one row. Undefined when there would be too much of it.
 *
 * @param columns which columns, in order; by default every field, in the order of its first row
 */
export function tableOf(data: unknown, columns?: readonly string[]): Table | undefined {
  const items = Array.isArray(data) ? data : [data];
  if (items.length > MAX_ROWS) return undefined;
  const names = columns ?? columnsOf(items);
  if (names.length > MAX_COLUMNS) return undefined;
  const rows = items.map((item) => names.map((name) => cellOf(fieldOf(item, name))));
  return { columns: names, rows };
}

function columnsOf(items: readonly unknown[]): string[] {
  const names = new Set<string>();
  for (const item of items) {
    for (const name of isPlainObject(item) ? Object.keys(item) : placesOf(item)) names.add(name);
  }
  return [...names];
}

function placesOf(item: unknown): string[] {
  return Array.isArray(item) ? item.map((_, place) => `column_${place + 1}`) : ['value'];
}

function fieldOf(item: unknown, name: string): unknown {
  if (isPlainObject(item)) return Object.hasOwn(item, name) ? item[name] : null;
  if (Array.isArray(item)) return item[placesOf(item).indexOf(name)];
  return name === 'value' ? item : null;
}

/** What is nested is written as JSON. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'number' ? value : JSON.stringify(value);
}
