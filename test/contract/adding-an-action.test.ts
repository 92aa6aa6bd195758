import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';

const run = promisify(execFile);
const project = temporaryDirectory();
const at = (path: string) => join(project, path);

/** What a change of the project needs, and nothing that is made. */
const PARTS = [
  'bin',
  'docs',
  'events',
  'functions',
  'lib',
  'local',
  'src',
  'test',
  'package.json',
  'tsconfig.json',
];

/** The README's own example of an action. */
const code = /```ts\n\/\/ (src\/actions\/shout\.ts)\n([\s\S]*?)```/.exec(
  readFileSync(join(ROOT, 'README.md'), 'utf8'),
);
const registry = readFileSync(join(ROOT, 'src/actions/registry.ts'), 'utf8');
const sample = { text: 'Hello, {{trigger.body.name}}' };

beforeAll(() => {
  for (const part of [...PARTS, 'vitest.config.ts']) {
    cpSync(join(ROOT, part), at(part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), at('node_modules'));
  symlinkSync(join(ROOT, '.cache'), at('.cache'));
});

/** One file. */
function addFile(): void {
  writeFileSync(at(code?.[1] ?? ''), code?.[2] ?? '');
}

/** One line of the list, and the import that it needs. */
function addLine(): void {
  const listed = registry.replace('const actions: readonly Action[] = [', '$&shout, ');
  expect(listed).not.toBe(registry);
  writeFileSync(
    at('src/actions/registry.ts'),
    `import { shout } from '#actions/shout';\n${listed}`,
  );
}

/** One sample. */
function addSample(): void {
  writeFileSync(at('events/actions/shout.json'), JSON.stringify(sample));
}

function removeAll(): void {
  rmSync(at('src/actions/shout.ts'));
  rmSync(at('events/actions/shout.json'));
  writeFileSync(at('src/actions/registry.ts'), registry);
}

/** The contract of actions, as it is checked in the changed project. */
async function contract(): Promise<{ readonly isKept: boolean; readonly output: string }> {
  const args = [
    'run',
    '--root',
    project,
    '--config',
    at('actions.config.ts'),
    '--reporter=verbose',
  ];
  writeFileSync(
    at('actions.config.ts'),
    `export default { test: { include: ['test/contract/actions.test.ts'] } };`,
  );
  try {
    const { stdout } = await run(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: project });
    return { isKept: true, output: stdout };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { isKept: false, output: stdout + stderr };
  }
}

/** Tries a step in the changed project: checked, resolved, executed. */
async function tryShout(): Promise<string> {
  const step = {
    action: { type: 'shout', config: sample },
    trigger: { body: { name: 'Ada' } },
  };
  const args = [at('test/helpers/try-step.ts'), JSON.stringify(step)];
  return (await run(process.execPath, args, { cwd: project })).stdout;
}

it('an action is one file, one line of the registry and one sample; whatever is missing is named', async () => {
  expect(code?.[1]).toBe('src/actions/shout.ts');

  addFile();
  addLine();
  const withoutSample = await contract();
  addSample();
  const whole = await contract();
  const shouted = await tryShout();
  removeAll();
  const gone = await tryShout().catch((error: Error) => error.message);

  expect(withoutSample.isKept).toBe(false);
  expect(withoutSample.output).toContain('shout');
  expect(whole, whole.output).toMatchObject({ isKept: true });
  expect(whole.output).toContain('shout');
  expect(JSON.parse(shouted)).toEqual({ status: 'success', output: { text: 'HELLO, ADA' } });
  expect(gone).toContain('There is no action type');
});
