import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  placeholdersIn,
  resolveTemplates,
  TemplateError,
  templateProblems,
} from '#core/templates/templates';
import { quickestMs } from '#test/helpers/quickest';
import { hostileTemplates } from './hostile-corpus.ts';

const canary = 'canary-7f3a9';
// biome-ignore lint/suspicious/noTemplateCurlyInString: other languages' placeholders are the point.
const payload = '{{process.env.TEMPLATE_CANARY}}{{trigger.text}}${7*7}<%= 7*7 %>';
const scope = {
  trigger: { body: {}, text: 'text', list: ['one', 'two'], number: 5, payload },
  steps: {},
  index: 0,
};
const builtIns = [
  Object,
  Array,
  String,
  Number,
  Boolean,
  Function,
  RegExp,
  Date,
  Map,
  Promise,
  Error,
];

/** Everything that hangs on the prototypes of the language, as a flat list to compare. */
function prototypeParts(): unknown[] {
  return builtIns.flatMap(({ prototype }) =>
    Reflect.ownKeys(prototype).flatMap((key) => {
      const part = Object.getOwnPropertyDescriptor(prototype, key);
      return [key, part?.value, part?.get, part?.set];
    }),
  );
}

/** How often a template reached the constructor of all functions, which makes code of text. */
function constructedFunctions(run: () => void): number {
  const original = Function.prototype.constructor;
  let count = 0;
  Function.prototype.constructor = () => {
    count += 1;
  };
  try {
    run();
  } finally {
    Function.prototype.constructor = original;
  }
  return count;
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The result as text, or the message; anything but a TemplateError is a failure. */
function outcome(template: string): string {
  try {
    return JSON.stringify(resolveTemplates(template, scope));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return error.message;
  }
}

describe('hostile templates', () => {
  it('come in more than 140 kinds', () => {
    expect(new Set(hostileTemplates).size).toBeGreaterThan(140);
  });

  it.each(hostileTemplates)('%j reads nothing but data, and runs nothing', (template) => {
    vi.stubEnv('TEMPLATE_CANARY', canary);
    const evalSpy = vi.spyOn(globalThis, 'eval');
    const functionSpy = vi.spyOn(globalThis, 'Function');
    const before = prototypeParts();
    let result = '';
    let problems: unknown;

    const constructed = constructedFunctions(() => {
      result = outcome(template);
      problems = templateProblems(template, 'x', { roots: new Set(Object.keys(scope)) });
      placeholdersIn(template);
    });

    const after = prototypeParts();
    expect([evalSpy.mock.calls.length, functionSpy.mock.calls.length, constructed]).toEqual([
      0, 0, 0,
    ]);
    expect(
      after.length === before.length && after.every((part, at) => Object.is(part, before[at])),
    ).toBe(true);
    expect(result).not.toContain(canary);
    expect(result).not.toContain('[native code]');
    expect(result).not.toMatch(/(?<![\w:$])49(?!\w)/);
    expect(JSON.stringify(problems)).not.toContain(canary);
  });

  it.each(['{{trigger.payload}}', '{{ trigger.payload | trim }}'])(
    '%s gives hostile data as it is',
    (template) => {
      expect(resolveTemplates(template, scope)).toBe(payload);
      expect(resolveTemplates(`> ${template}`, scope)).toBe(`> ${payload}`);
    },
  );

  it.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'length'])(
    'cannot read %s, which no data holds',
    (key) => {
      for (const holder of ['trigger', 'trigger.text', 'trigger.list', 'index']) {
        expect(() => resolveTemplates(`{{${holder}.${key}}}`, scope)).toThrow(TemplateError);
        expect(resolveTemplates(`{{${holder}["${key}"] | default: "none"}}`, scope)).toBe('none');
      }
      expect(() => resolveTemplates(`{{${key}}}`, scope)).toThrow(TemplateError);
    },
  );

  it('does not read what a class or a prototype provides', () => {
    class Holder {
      own = 'own';
      get secret(): string {
        return canary;
      }
    }
    const inherited: unknown = Object.create({ secret: canary });

    for (const trigger of [new Holder(), inherited, new Map([['secret', canary]]), () => canary]) {
      expect(() => resolveTemplates('{{trigger.secret}}', { trigger })).toThrow(TemplateError);
      expect(() => resolveTemplates('{{trigger.own}}', { trigger })).toThrow(TemplateError);
    }
  });
});

const oneMebibyte = 1_048_576;
const filled = (unit: string) => unit.repeat(Math.ceil(oneMebibyte / unit.length));

describe('a mebibyte of hostile text', () => {
  it.each([
    ['blanks', `{{${filled(' ')}x`],
    ['open braces', filled('{')],
    ['close braces', filled('}')],
    ['empty placeholders', filled('{{}}')],
    ['late problems', filled(' ') + '{{}}'.repeat(20)],
    ['late problems after lines', filled('\n') + '{{}}'.repeat(20)],
    ['half placeholders', filled('{{a}')],
    ['bars', `{{a${filled('|')}`],
    ['filters', `{{a${filled('|a')}`],
    ['arguments', `{{a|default:${filled('1,')}1}}`],
    ['digits', `{{a|default:${filled('9')}}}`],
    ['dots', `{{${filled('a.')}a}}`],
    ['brackets', `{{a${filled('["b"]')}}}`],
    ['open brackets', `{{a${filled('[')}`],
    ['quotes', filled(`{{"}}{{'}}`)],
    ['open quotes', filled('{{"')],
    ['escapes', `{{"${filled('\\')}`],
    ['letters', `{{${filled('é')}`],
    ['letters in pairs', `{{${filled('𠀀')}`],
    ['placeholders', filled('{{trigger.text}}')],
    ['dates', filled('{{trigger|date:"YYYY","Europe/London"}}')],
  ])('of %s takes little time', (_name, template) => {
    const took = quickestMs(() => {
      outcome(template);
      templateProblems(template, 'x', { roots: new Set(['trigger']) });
      placeholdersIn(template);
    });

    expect(took).toBeLessThan(200);
  });
});
