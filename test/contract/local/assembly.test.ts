import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadAssembly, synthesize } from '#local/assembly';
import { temporaryDirectory } from '#test/helpers/directories';

const APP = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { greeting } from '../lib/greeting.ts';
const out: string = process.env['CDK_OUTDIR']!;
mkdirSync(out + '/asset.1', { recursive: true });
const write = (name: string, value: unknown) => writeFileSync(out + '/' + name, JSON.stringify(value));
write('manifest.json', { artifacts: { Small: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Small.template.json' } } } });
write('Small.template.json', { Resources: { [greeting]: { Type: 'AWS::SQS::Queue' } } });
write('Small.assets.json', { files: { 1: { source: { path: 'asset.1' }, destinations: { here: { objectKey: '1.zip' } } } } });
`;

/** A folder with an app that writes its own assembly. */
function app(source = APP): { root: string; change(greeting: string): void } {
  const root = temporaryDirectory();
  for (const folder of ['bin', 'lib']) mkdirSync(join(root, folder));
  const change = (greeting: string) =>
    writeFileSync(join(root, 'lib/greeting.ts'), `export const greeting = '${greeting}';`);
  change('Hello');
  writeFileSync(join(root, 'bin/crucibai.ts'), source);
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  return { root, change };
}

it('reads the template, and finds assets by their key', async () => {
  const { root } = app();
  const { cdkOut, cached } = await synthesize({ root });
  const assembly = loadAssembly(cdkOut);

  expect(cached).toBe(false);
  expect(assembly.stackName).toBe('Small');
  expect(assembly.template.Resources).toEqual({ Hello: { Type: 'AWS::SQS::Queue' } });
  expect(assembly.assetPath('1.zip')).toBe(join(cdkOut, 'asset.1'));
  expect(() => assembly.assetPath('2.zip')).toThrow('2.zip');
});

it('synthesizes again only when an input has changed', async () => {
  const { root, change } = app();
  const first = await synthesize({ root });
  const second = await synthesize({ root });
  change('Bye');
  const third = await synthesize({ root });

  expect(second).toMatchObject({ cdkOut: first.cdkOut, cached: true });
  expect(third.cached).toBe(false);
  expect(Object.keys(loadAssembly(third.cdkOut).template.Resources)).toEqual(['Bye']);
});

it('shows why the app failed, and leaves nothing behind', async () => {
  const { root } = app(`throw new Error('no such construct');`);
  await expect(synthesize({ root })).rejects.toThrow('no such construct');
  expect(readdirSync(join(root, '.cache/assemblies'))).toEqual([]);
});
