import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { synthesize } from '#local/assembly';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { openCampaign, seedOf } from './campaign.ts';
import { CHAINS } from './workloads.ts';

const SLOW_MS = 150;

/** Not in the repository, and needed to build the site. */
const GENERATED = 'dashboard/app/api/generated';

/** A copy of the product in which one thing is wrong. */
async function wrongBuild(file: string, right: string, wrong: string): Promise<string> {
  const root = temporaryDirectory();
  const list = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 10_000_000,
    },
  );
  for (const name of list.split('\0')) {
    if (name === '' || name.startsWith('test/')) continue;
    mkdirSync(dirname(join(root, name)), { recursive: true });
    cpSync(join(ROOT, name), join(root, name));
  }
  cpSync(join(ROOT, GENERATED), join(root, GENERATED), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  // When this fails the code has changed: say anew what is right in it, and what would be wrong.
  expect(text).toContain(right);
  writeFileSync(path, text.replace(right, wrong));
  // The start would give up on a slow build.
  await synthesize({ root });
  return root;
}

const WRONG = [
  {
    what: 'acknowledges before the run is durable',
    file: 'src/core/runs/open-run.ts',
    right: 'const created = await createOrDiscard(run, request, dedupe, deps);',
    wrong: `setTimeout(async () => {
    await createOrDiscard(run, request, dedupe, deps).catch(console.error);
    await enqueueOrLeave(ref, deps);
  }, 200);
  if (run.runId !== '') return { runId: ref.runId, duplicate: false };
  const created = await createOrDiscard(run, request, dedupe, deps);`,
    found: /^lost: /m,
  },
  {
    what: 'begins a run anew instead of going on',
    file: 'src/core/steps/walk.ts',
    right: 'if (record === undefined || !isOver(record)) {',
    wrong: 'if (record !== null) {',
    found: /^again: /m,
  },
];

it.each(WRONG)(
  'a build that $what is found out',
  { timeout: 240_000 },
  async ({ file, right, wrong, found }) => {
    const campaign = await openCampaign(`wrong build of ${file}`, {
      seed: seedOf(),
      root: await wrongBuild(file, right, wrong),
      // A run of one step shows too little of either.
      workloads: CHAINS.slice(1),
    });
    // Whenever it is killed, runs are in the middle of each of their steps.
    campaign.receiver.answer(() => delay(SLOW_MS).then(() => ({})));
    const { requests } = campaign.receiver;
    for (let kill = 0; kill < 3; kill += 1) {
      const before = requests.length;
      await campaign.start();
      const driven = campaign.drive(400);
      await campaign.acknowledge(30);
      await eventually(
        () => expect(requests.slice(before).map(({ json }) => json.path)).toContain('1'),
        30,
      );
      await campaign.kill();
      await driven;
    }
    await campaign.start();

    expect((await campaign.judge()).join('\n')).toMatch(found);
  },
);
