import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FieldRule } from '#agents/scraping/fields';
import { readPage } from '#agents/scraping/read-page';
import { ROOT } from '#test/helpers/assembly';

const URL_OF_PAGE = 'https://site.example/dir/page';

function read(
  html: string,
  fields: Readonly<Record<string, FieldRule>> = {},
  maxCharacters = 50_000,
) {
  const result = readPage({ html, url: URL_OF_PAGE, fields, maxCharacters });
  if ('problem' in result) throw new Error(result.problem);
  return result.page;
}

function saved(name: string): string {
  return readFileSync(`${ROOT}/test/pages/${name}.html`, 'utf8');
}

describe('reading a page', () => {
  it('gives an article without what surrounds it', () => {
    const page = read(saved('article'));

    expect(page).toMatchObject({
      title: 'The harbour that the sea took back',
      description: 'How a village lost its harbour, and what it did next.',
      language: 'en-GB',
      canonical_url: 'https://site.example/stories/harbour',
      meta: { author: 'Ada Quay', 'og:image': 'https://coast.example/harbour.jpg' },
    });
    expect(page.markdown).toContain('**Three surveys** found that the sea floor had moved');
    expect(page.markdown).toContain('[the surveys](https://site.example/reports/survey.pdf)');
    expect(page.markdown).toContain('## What came instead');
    expect(page.markdown).toContain('> We did not save the harbour.');
    expect(page.markdown).toMatch(/^- +The cinema opens on Fridays\.$/m);
    for (const noise of ['cookies', 'Most read', 'not text', 'Coast Weekly', 'color: black']) {
      expect(page.markdown).not.toContain(noise);
    }
    expect(page.links).toContainEqual({
      text: 'Eels are back',
      url: 'https://site.example/stories/eels',
    });
    expect(JSON.stringify(page)).not.toContain('javascript:');
  });

  it("takes a shop's fields by their selectors", () => {
    const page = read(saved('shop'), {
      price: { selector: '.price .now', all: false },
      pictures: { selector: '.gallery img[src]', attribute: 'src', all: true },
      sku: { selector: '.product', attribute: 'data-sku', all: false },
      colour: { selector: '.colour', all: false },
      reviews: { selector: '.review b', all: true },
    });

    expect(page.fields).toEqual({
      price: '£ 89.50',
      pictures: ['https://site.example/img/k1.jpg', 'https://site.example/img/k2.jpg'],
      sku: 'K-150',
      colour: null,
      reviews: ['Ben', 'Cleo'],
    });
    expect(page.markdown).toContain('Hammered by hand');
    expect(page.markdown).not.toContain('Add to cart');
  });

  it('keeps code, tables and links of a reference', () => {
    const page = read(saved('docs'));

    expect(page.markdown).toContain(
      '```js\nawait queue.send({ id: 1 }, { delay: 5 });\n// <- a promise | of nothing\n```',
    );
    expect(page.markdown).toContain('| delay | number \\| string | Seconds to wait |');
    expect(page.markdown).toContain('[send a link](https://docs.example/v2/ref/receive#links)');
    expect(page.tables).toEqual([
      {
        caption: null,
        columns: ['Name', 'Type', 'Meaning'],
        rows: [
          ['body', 'object', 'What to send, at most 256 KiB'],
          ['delay', 'number | string', 'Seconds to wait'],
        ],
      },
    ]);
  });

  it('reads the table inside a table that only places it', () => {
    const page = read(saved('table'));

    expect(page.tables).toEqual([
      {
        caption: 'Season 2025/26',
        columns: ['Club', 'Goals', 'Goals', 'Points'],
        rows: [
          ['Saltby', '31', '12', '40'],
          ['Port Ann', '28', '19', '36'],
          ['Ebb & Flow', '20', '25', '22'],
        ],
      },
    ]);
  });

  it('repeats a cell that spans rows in each of them, so that columns stay what they are', () => {
    const html = `<table><thead><tr><th rowspan="2">Tide<th colspan="2">Height<tr><th>Low<th>High</thead>
      <tr><td rowspan="3">Monday<td>1<td>5<tr><td>2<td rowspan="2">6<tr><td>3<tr><td>Tuesday<td>4<td>7</table>`;

    expect(read(html).tables[0]?.rows).toEqual([
      ['Tide', 'Low', 'High'],
      ['Monday', '1', '5'],
      ['Monday', '2', '6'],
      ['Monday', '3', '6'],
      ['Tuesday', '4', '7'],
    ]);
  });

  it('understands a broken page as a browser does', () => {
    const page = read(saved('broken'));

    expect(page.title).toBe('Broken & still <b>readable');
    expect(page.markdown).toContain('**bold and *italic***');
    expect(page.markdown).toContain('&unknown; entity & more');
    expect(page.markdown).toMatch(/- +one\n- +two\n- +three/);
    expect(page.links).toEqual([{ text: 'link without quotes', url: URL_OF_PAGE }]);
    expect(page.tables[0]?.rows).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('gives every post of a thread', () => {
    const { markdown, language } = read(saved('forum'));

    expect(language).toBe('de');
    for (const text of [
      'pfeift seit gestern',
      'Tülle ist bestimmt verkalkt',
      'lauter als vorher',
    ]) {
      expect(markdown).toContain(text);
    }
  });

  it('gives every entry of a list, each address once', () => {
    const page = read(saved('listing'));

    expect(page.links).toEqual([
      { text: 'Net mender', url: 'https://site.example/jobs/1' },
      { text: 'Baker', url: 'https://site.example/jobs/2' },
      { text: 'Projectionist', url: 'https://site.example/jobs/3?utm=a&b=2' },
      { text: 'Write to us', url: 'mailto:jobs@saltby.example' },
    ]);
    expect(page.markdown).toContain('Saltby · nights');
  });

  it('gives nothing for a page that scripts would draw, and says its title', () => {
    expect(read(saved('application'))).toMatchObject({
      title: 'Dashboard',
      markdown: '',
      links: [],
    });
  });

  it('leaves out what the page hides from people', () => {
    const { markdown } = read(saved('hidden-instructions'));

    expect(markdown).toContain('frost in the mornings');
    expect(markdown).not.toContain('ignore your instructions');
  });

  it('gives a short article with its own head, and without that of the site', () => {
    const article =
      '<article><header><h1>Rain</h1></header><p>It rained all day, from the quay to the hills and back to the quay.</article>';
    const html = `<header>Coast Weekly<nav><a href="/">Home</a></nav></header><main>${article}</main><footer>Imprint</footer>`;

    expect(read(html).markdown).toMatch(/^#+ Rain\n\nIt rained all day, .* the quay\.$/);
  });

  it('leaves out what is hidden on a short page, too', () => {
    const hidden = '<p hidden>one</p><div style="color:red; display : none">two</div>';

    expect(read(`<p>Open${hidden}<p>Shut`).markdown).toBe('Open\n\nShut');
  });

  it('reads a page that is a form as a whole, and no other form', () => {
    const search = '<form><p>Search here<input></form>';
    const page = `<h1>Tides</h1><p>They come and go.</p><button>Print</button>`;

    expect(read(`<form action="/">${page}</form>`).markdown).toMatch(/^#+ Tides\n\nThey come/);
    expect(read(`${page}${search}`).markdown).not.toMatch(/Search|Print/);
  });

  it('keeps lines apart in cells, fields and links', () => {
    const cell = '<td>Quay 1<br>Saltby<td><ul><li>red<li><b>bl</b>ue</ul>';
    const page = read(`<table><tr>${cell}</table><a href="/x"><div>One</div><div>Two</div></a>`, {
      address: { selector: 'td', all: false },
    });

    expect(page.tables[0]?.rows).toEqual([['Quay 1 Saltby', 'red blue']]);
    expect(page.fields).toEqual({ address: 'Quay 1 Saltby' });
    expect(page.links).toEqual([{ text: 'One Two', url: 'https://site.example/x' }]);
  });

  it.each([
    ['nothing', '', ''],
    ['a text', 'Just a text, 3 < 4.', 'Just a text, 3 < 4.'],
    ['a fragment', '<p>One <em>two</em></p>', 'One *two*'],
  ])('reads %s', (_, html, markdown) => {
    expect(read(html).markdown).toBe(markdown);
  });

  it('cuts a long page and says so', () => {
    const long = `<article>${'<p>A sentence that is repeated, again and again.</p>'.repeat(200)}</article>`;

    expect(read(long, {}, 500)).toMatchObject({ truncated: true });
    expect(read(long, {}, 500).markdown).toHaveLength(500);
  });

  it.each([
    ['with an article', 2_000, 'x'.repeat(400)],
    ['of more elements than an article has', 21_000, 'x'],
  ])('reads the beginning of a huge page %s, and all of its fields', (_, count, filling) => {
    const days = Array.from({ length: count }, (_, day) => `<p id="d${day}">Day ${day} ${filling}`);
    const html = `<title>Almanac</title><nav>Home</nav><main><h1>Tides</h1>${days.join('')}</main>`;

    const page = read(html, { last: { selector: `#d${count - 1}`, all: false } }, 9_000);

    expect(page).toMatchObject({ title: 'Almanac', truncated: true });
    expect(page.fields['last']).toBe(`Day ${count - 1} ${filling}`);
    expect(page.markdown).toHaveLength(9_000);
    expect(page.markdown).toMatch(/^(#+ Tides\n\n)?Day 0 x+\n\nDay 1 x/);
  });

  it('refuses a page that is nested without end, and a selector that is none', () => {
    const deep = readPage({
      html: '<div>'.repeat(100_000),
      url: URL_OF_PAGE,
      fields: {},
      maxCharacters: 100,
    });
    const fields = { price: { selector: 'p[', all: false } };
    const invalid = readPage({ html: '<p>', url: URL_OF_PAGE, fields, maxCharacters: 100 });

    expect(deep).toEqual({ problem: 'The page is nested too deeply to be read.' });
    expect(invalid).toEqual({
      problem: 'This is not a CSS selector that can be used: fields.price.',
    });
  });
});
