import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { catalog } from '#actions/registry';
import { builtInAgents } from '#agents/registry';
import { ROOT } from '#test/helpers/assembly';

/** Names of the files in a folder, as action types: `google-sheets.ts` is `google_sheets`. */
function typesIn(folder: string, extension: string): string[] {
  return globSync(`${folder}/*${extension}`, { cwd: ROOT })
    .map((file) => basename(file, extension).replaceAll('-', '_'))
    .toSorted();
}

function expectDescribed(schema: z.ZodType): void {
  const { type, properties = {} } = z.toJSONSchema(schema, { io: 'input' });

  expect(type).toBe('object');
  for (const [name, field] of Object.entries(properties)) {
    expect(field, name).toMatchObject({ description: expect.stringMatching(/\S/) });
  }
}

const types = catalog.actions.map((action) => action.type).toSorted();

describe('the catalogue', () => {
  it('has every action file exactly once', () => {
    expect(types).toEqual(typesIn('src/actions', '.ts').filter((type) => type !== 'registry'));
  });

  it('has a sample event for each type, and none for another', () => {
    expect(typesIn('events/actions', '.json')).toEqual(types);
  });

  it('finds each by its type, and nothing else', () => {
    for (const action of catalog.actions) expect(catalog.find(action.type)).toBe(action);
    for (const name of ['', 'nothing', 'constructor', '__proto__']) {
      expect(catalog.find(name)).toBeUndefined();
    }
  });
});

describe.each(catalog.actions)('$type', (action) => {
  it('accepts its sample event', () => {
    const sample = JSON.parse(readFileSync(`${ROOT}/events/actions/${action.type}.json`, 'utf8'));

    expect(action.config.safeParse(sample)).toMatchObject({ success: true });
  });

  it('can be drawn as a form: each field, and what comes of it, says what it is for', () => {
    expectDescribed(action.config);
    expectDescribed(action.output);
  });

  it('shows how each field is filled: by an example, a default, its choices, or a connection', () => {
    const { properties = {} } = z.toJSONSchema(action.config, { io: 'input' });
    const connecting = (action.connections ?? []).map(({ at }) => at[0]);
    const bare = Object.entries(properties).filter(
      ([name, field]) =>
        !connecting.includes(name) &&
        !['examples', 'default', 'enum', 'const'].some((word) =>
          Object.hasOwn(Object(field), word),
        ),
    );

    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('refuses fields that it does not know', () => {
    const sample = JSON.parse(readFileSync(`${ROOT}/events/actions/${action.type}.json`, 'utf8'));

    expect(action.config.safeParse({ ...sample, surprise: 1 }).success).toBe(false);
  });

  it('says what it is, what it costs, and what a repeated call does', () => {
    expect(z.toJSONSchema(action.output, { io: 'input' })).toMatchObject({ type: 'object' });
    expect(action.credits).toBeGreaterThanOrEqual(0);
    for (const text of [action.title, action.description, action.idempotency]) {
      expect(text).toMatch(/\S/);
    }
  });
});

it.each(builtInAgents)('the $name says what each field is that it takes and gives', (agent) => {
  expectDescribed(agent.input);
  expectDescribed(agent.output);
});
