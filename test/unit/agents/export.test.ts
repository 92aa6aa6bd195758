import { read, utils } from '@e965/xlsx';
import { describe, expect, it } from 'vitest';
import { type FileRequest, makeFile } from '#agents/export/make-file';

const people = [
  { name: 'Ada "Countess" Lovelace', total: 12.5, active: true, notes: { born: 1815 } },
  { name: '=1+1', total: -3, email: '+44 20', notes: 'a,b\nc' },
];

async function made(request: Partial<FileRequest>) {
  const file = await makeFile({
    data: people,
    format: 'csv',
    title: undefined,
    columns: undefined,
    ...request,
  });
  if ('problem' in file) throw new Error(file.problem);
  return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(file.body), ...file };
}

/** The first sheet as another library reads it. */
function sheetOf(body: Uint8Array) {
  const book = read(body, { cellFormula: true });
  return book.Sheets[book.SheetNames[0] ?? ''] ?? {};
}

describe('an exported file', () => {
  it('is CSV that spreadsheets open, without formulas', async () => {
    const { text, rows } = await made({});

    expect(rows).toBe(2);
    expect(text).toBe(
      '\ufeffname,total,active,notes,email\r\n' +
        '"Ada ""Countess"" Lovelace",12.5,true,"{""born"":1815}",\r\n' +
        '\'=1+1,-3,,"a,b\nc",\'+44 20\r\n',
    );
  });

  it.each(['=cmd|x', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＠x'])(
    'guards the formula %j in CSV',
    async (value) => {
      const { text } = await made({ data: [{ value }] });

      expect(text.slice(text.indexOf('\r\n') + 2)).toMatch(/^"?'/);
    },
  );

  it('is XLSX that another library reads as it was', async () => {
    const { body } = await made({ format: 'xlsx' });
    const sheet = sheetOf(body);

    expect(utils.sheet_to_json(sheet)).toEqual([
      { name: people[0]?.name, total: 12.5, active: true, notes: '{"born":1815}' },
      { name: '=1+1', total: -3, email: '+44 20', notes: 'a,b\nc' },
    ]);
    expect(sheet['A3']).toMatchObject({ t: 's', v: '=1+1' });
    expect(sheet['A3']?.f).toBeUndefined();
    expect(sheet['B2']).toMatchObject({ t: 'n', v: 12.5 });
  });

  it('is XLSX also of texts that XML cannot hold', async () => {
    const { body } = await made({
      format: 'xlsx',
      data: [{ a: '\u0000<b>\ud800&"\u{1f642}', b: 'x'.repeat(40_000) }],
    });

    const [row] = utils.sheet_to_json<Record<string, string>>(sheetOf(body));
    expect(row?.['a']).toBe('<b>&"\u{1f642}');
    expect(row?.['b']).toHaveLength(32_767);
  });

  it('is JSON as the data is', async () => {
    const { text, rows } = await made({ format: 'json' });

    expect(JSON.parse(text)).toEqual(people);
    expect(rows).toBeNull();
  });

  it('is Markdown, a table or a text', async () => {
    const table = await made({
      format: 'markdown',
      title: 'People',
      data: [{ a: 'x | y\nz', b: '<b>' }],
    });
    const text = await made({ format: 'markdown', data: 'Some *text*.' });

    expect(table.text).toBe('# People\n\n| a | b |\n| --- | --- |\n| x \\| y z | \\<b\\> |\n');
    expect(text.text).toBe('Some *text*.\n');
  });

  it('is HTML in which every text is text', async () => {
    const { text } = await made({
      format: 'html',
      title: '<script>x</script>',
      data: [{ '<img src=x onerror=alert(1)>': '</td><script>alert(1)</script>"\'' }],
    });

    expect(text).not.toMatch(/<script|<img/);
    expect(text).toContain('&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;');
    expect(text).toContain("default-src 'none'");
  });

  it.each([
    [
      'chosen columns in their order',
      { columns: ['total', 'nothing', 'name'], data: people.slice(0, 1) },
      'total,nothing,name\r\n12.5,,"Ada ""Countess"" Lovelace"',
    ],
    ['lists', { data: [[1, 2], [3]] }, 'column_1,column_2\r\n1,2\r\n3,'],
    ['values', { data: ['a', 2, null] }, 'value\r\na\r\n2\r\n'],
    ['one object', { data: { a: 1 } }, 'a\r\n1'],
    ['nothing', { data: [] }, ''],
  ])('has %s', async (_, request, text) => {
    expect((await made(request)).text).toBe(`\ufeff${text}\r\n`);
  });

  it('is refused when it would be too large', async () => {
    const data = Array.from({ length: 50_001 }, (_, n) => n);

    expect(await makeFile({ data, format: 'xlsx', title: undefined, columns: undefined })).toEqual({
      problem: expect.stringContaining('50,000 rows'),
    });
  });
});
