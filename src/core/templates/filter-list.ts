/** The names of all filters: the list is closed. */
export type TemplateFilterName =
  | 'default'
  | 'json'
  | 'upper'
  | 'lower'
  | 'trim'
  | 'truncate'
  | 'length'
  | 'first'
  | 'last'
  | 'join'
  | 'split'
  | 'replace'
  | 'date'
  | 'number'
  | 'round'
  | 'url_encode';

/** One argument of a filter. */
export type TemplateFilterArg = {
  readonly name: string;
  /** `any` is text, a number, true, false or null. */
  readonly type: 'text' | 'whole_number' | 'any';
  /** The largest `whole_number` allowed; the least is 0. */
  readonly max?: number;
  readonly optional: boolean;
  readonly description: string;
};

/** What people need to know of a filter: listed in the docs and offered by the dashboard. */
export type TemplateFilter = {
  readonly name: TemplateFilterName;
  readonly args: readonly TemplateFilterArg[];
  readonly description: string;
  /** A template, what `trigger.body` holds for it, and what it then gives. */
  readonly example: { readonly template: string; readonly body: unknown; readonly gives: unknown };
};

/** All filters, in the order in which people should meet them. */
export const templateFilters: readonly TemplateFilter[] = [
  {
    name: 'default',
    args: [{ name: 'value', type: 'any', optional: false, description: 'What to use instead.' }],
    description:
      'Another value when the path is missing or null; filters before it are then skipped. Empty text, 0 and false stay.',
    example: {
      template: 'Hello {{ trigger.body.name | default: "friend" }}',
      body: {},
      gives: 'Hello friend',
    },
  },
  {
    name: 'json',
    args: [],
    description: 'The value as compact JSON text.',
    example: { template: '{{ trigger.body | json }}', body: { a: [1] }, gives: '{"a":[1]}' },
  },
  {
    name: 'upper',
    args: [],
    description: 'Text in capital letters.',
    example: { template: '{{ trigger.body.code | upper }}', body: { code: 'gb' }, gives: 'GB' },
  },
  {
    name: 'lower',
    args: [],
    description: 'Text in small letters.',
    example: {
      template: '{{ trigger.body.to | lower }}',
      body: { to: 'Ann@X.io' },
      gives: 'ann@x.io',
    },
  },
  {
    name: 'trim',
    args: [],
    description: 'Text without white space at both ends.',
    example: { template: '{{ trigger.body.name | trim }}', body: { name: ' Ann ' }, gives: 'Ann' },
  },
  {
    name: 'truncate',
    args: [
      {
        name: 'length',
        type: 'whole_number',
        max: 1_048_576,
        optional: false,
        description: 'The most characters to keep, the suffix included.',
      },
      {
        name: 'suffix',
        type: 'text',
        optional: true,
        description: 'Ends text that was cut; "…" when left out.',
      },
    ],
    description: 'Text cut to a number of characters (Unicode code points).',
    example: {
      template: '{{ trigger.body.note | truncate: 8 }}',
      body: { note: 'A long note' },
      gives: 'A long …',
    },
  },
  {
    name: 'length',
    args: [],
    description: 'How many characters a text, items a list or keys an object has.',
    example: { template: '{{ trigger.body.items | length }}', body: { items: [7, 8] }, gives: 2 },
  },
  {
    name: 'first',
    args: [],
    description: 'The first item of a list, or character of a text; missing when it is empty.',
    example: { template: '{{ trigger.body.items | first }}', body: { items: [7, 8] }, gives: 7 },
  },
  {
    name: 'last',
    args: [],
    description: 'The last item of a list, or character of a text; missing when it is empty.',
    example: { template: '{{ trigger.body.items | last }}', body: { items: [7, 8] }, gives: 8 },
  },
  {
    name: 'join',
    args: [
      {
        name: 'separator',
        type: 'text',
        optional: true,
        description: 'Stands between the items; ", " when left out.',
      },
    ],
    description: 'The items of a list as one text.',
    example: {
      template: '{{ trigger.body.tags | join }}',
      body: { tags: ['a', 'b'] },
      gives: 'a, b',
    },
  },
  {
    name: 'split',
    args: [
      { name: 'separator', type: 'text', optional: false, description: 'Where to cut; not empty.' },
    ],
    description: 'A list of the pieces between separators.',
    example: {
      template: '{{ trigger.body.tags | split: "," }}',
      body: { tags: 'a,b' },
      gives: ['a', 'b'],
    },
  },
  {
    name: 'replace',
    args: [
      { name: 'from', type: 'text', optional: false, description: 'What to look for; not empty.' },
      { name: 'to', type: 'text', optional: false, description: 'What to put there.' },
    ],
    description: 'Text with every occurrence of one text replaced by another, literally.',
    example: {
      template: '{{ trigger.body.phone | replace: "-", "" }}',
      body: { phone: '020-7946-0' },
      gives: '02079460',
    },
  },
  {
    name: 'date',
    args: [
      {
        name: 'format',
        type: 'text',
        optional: true,
        description:
          'YYYY YY · MMMM MMM MM M · DD D · dddd ddd · HH H hh h A · mm m · ss s SSS · Z, with words in [brackets]; ISO 8601 in UTC when left out.',
      },
      {
        name: 'zone',
        type: 'text',
        optional: true,
        description: 'IANA time zone such as "Europe/London"; UTC when left out.',
      },
    ],
    description:
      'A time in another form. Takes ISO 8601 text (UTC unless it has an offset) or seconds or milliseconds since 1970: numbers below 100,000,000,000 are seconds.',
    example: {
      template: '{{ trigger.body.at | date: "D MMMM YYYY, HH:mm", "Europe/London" }}',
      body: { at: '2027-07-01T08:30:00Z' },
      gives: '1 July 2027, 09:30',
    },
  },
  {
    name: 'number',
    args: [],
    description: 'Text such as "12.50" as a number.',
    example: {
      template: '{{ trigger.body.price | number }}',
      body: { price: '12.50' },
      gives: 12.5,
    },
  },
  {
    name: 'round',
    args: [
      {
        name: 'digits',
        type: 'whole_number',
        max: 15,
        optional: true,
        description: 'Digits after the point; 0 when left out.',
      },
    ],
    description: 'A number rounded, halves away from zero.',
    example: { template: '{{ trigger.body.price | round: 1 }}', body: { price: 2.25 }, gives: 2.3 },
  },
  {
    name: 'url_encode',
    args: [],
    description: 'Text made safe for one part of a URL.',
    example: {
      template: 'https://example.com/?q={{ trigger.body.q | url_encode }}',
      body: { q: 'a&b c' },
      gives: 'https://example.com/?q=a%26b%20c',
    },
  },
];
