import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FileSystem } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { loadAssembly } from '#local/assembly';
import { send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { functionFolders } from '#test/helpers/functions';
import { cdkOut, changedCdkOut, openMachine } from '#test/helpers/machine';

const directory = await cdkOut();
const { template, assetPath } = loadAssembly(directory);
const functions = Object.entries(template.Resources)
  .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
  // CDK's own, which one machine does not run.
  .filter(([id]) => !id.startsWith('AWSCDK'))
  .map(([id, { Properties }]) => {
    const { S3Key } = (Properties as { Code: { S3Key: string } }).Code;
    return { id, key: S3Key, bundle: assetPath(S3Key) };
  });

it('there is a bundle for each folder of functions/', () => {
  const folders = functionFolders();

  expect(functions.map(({ id }) => id.replace(/Function.*/, '').toLowerCase()).toSorted()).toEqual(
    folders.map((folder) => folder.replaceAll('-', '')).toSorted(),
  );
});

it.each(functions)('$id is deployed as what its bundle holds', ({ key, bundle }) => {
  const hash = FileSystem.fingerprint(bundle);

  expect(key).toBe(`${hash}.zip`);
  expect(basename(bundle)).toBe(`asset.${hash}`);
});

it('functions that execute steps have the entry of isolated work beside them', () => {
  const having = functions.filter(({ bundle }) =>
    readdirSync(bundle).includes('isolated-worker.mjs'),
  );

  expect(having.map(({ id }) => id.replace(/Function.*/, ''))).toEqual(
    expect.arrayContaining(['Api', 'Dispatch', 'RunSteps']),
  );
});

it.each(functions)('$id loads at most 1 MB before its first event', ({ bundle }) => {
  const loaded = new Set<string>();
  const waiting = ['handler.mjs'];
  let bytes = 0;
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    const code = readFileSync(join(bundle, name), 'utf8');
    bytes += Buffer.byteLength(code);
    // `import(…)` loads when it is called; only these load at once.
    const eager = code.matchAll(/(?:\bfrom|\bimport)"\.\/([\w.-]+\.mjs)"/g);
    for (const [, other = ''] of eager) waiting.push(other);
  }

  // A function of several chunks needs some of them at once.
  const isSplit = readdirSync(bundle).filter((name) => name.endsWith('.mjs')).length > 5;
  expect(loaded.size > 1).toBe(isSplit);
  expect(bytes).toBeLessThanOrEqual(1_048_576);
});

/** What a caller or a run waits for after a cold start. */
const HOT = /^(Webhook|Api|Dispatch|RunSteps)/;

it.each(functions.filter(({ id }) => HOT.test(id)))(
  '$id is loaded within 250 ms of processor time',
  ({ bundle }) => {
    const load = `const before = process.cpuUsage();
      // It stops at its environment, which it reads once all is loaded.
      await import(${JSON.stringify(pathToFileURL(join(bundle, 'handler.mjs')).href)}).catch(() => {});
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / 1000);`;
    const tries = Array.from({ length: 3 }, () =>
      Number(execFileSync(process.execPath, ['--input-type=module', '-e', load])),
    );

    expect(Math.min(...tries)).toBeLessThan(250);
    // Less would mean that nothing was loaded.
    expect(Math.min(...tries)).toBeGreaterThan(20);
  },
);

it('a machine runs the very bundles of its assembly', async () => {
  const api = functions.find(({ id }) => id.startsWith('Api'));
  const changed = await changedCdkOut(() => {});
  const bundle = join(changed, basename(api?.bundle ?? ''));
  rmSync(bundle);
  cpSync(api?.bundle ?? '', bundle, { recursive: true });
  const text = 'There is no such ';
  const holders = readdirSync(bundle).filter((name) => name.endsWith('.mjs'));
  const changes = holders.filter((name) => replaceIn(join(bundle, name), text, 'Changed: no '));
  expect(changes).not.toEqual([]);

  const machine = await openMachine({ cdkOut: changed, dataDir: temporaryDirectory() });
  const { body } = await send(`${machine.url}/api/nothing`, 'GET');
  await machine.stop();

  expect(body.error.message).toBe('Changed: no route.');
});

/** @returns whether the file holds the text */
function replaceIn(file: string, text: string, replacement: string): boolean {
  const code = readFileSync(file, 'utf8');
  writeFileSync(file, code.replaceAll(text, replacement));
  return code.includes(text);
}
