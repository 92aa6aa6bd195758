import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { systemAgentId } from '#core/system';
import { ROOT } from '#test/helpers/assembly';
import { startProduct } from '#test/helpers/product';

const run = promisify(execFile);
const product = await startProduct();

/** The commands of a document, block by block, as they stand there. */
function commandsOf(file: string): string[] {
  const text = readFileSync(`${ROOT}/${file}`, 'utf8');
  return [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

/** Pastes all blocks into one shell, which stops at the first command that fails. */
async function paste(blocks: readonly string[]): Promise<string[]> {
  const script = [
    'set -eu',
    // Refusals fail, too; everything else is as somebody's shell has it.
    'curl() { command curl --fail-with-body "$@"; }',
    ...blocks.flatMap((block, index) => [block, `printf '\\n=== ${index}\\n'`]),
  ].join('\n');
  const { stdout } = await run('bash', ['-c', script], { timeout: 60_000 });
  return stdout.split(/\n=== \d+\n/);
}

it.each(['README.md', 'docs/guides/first-agent.md'])(
  'the commands of %s make the first agent, pasted from top to bottom',
  async (file) => {
    const blocks = commandsOf(file).filter((block) => /curl/.test(block));
    const here = blocks.map((block) => block.replace('http://localhost:3000', product.url));

    const told = await paste(here);

    expect(told.join()).toContain('"name":"Lead router"');
    const [, run] = /"id":"(run_\w+)"/.exec(told.join()) ?? [];
    expect(await (await product.api('alice')).finished(run ?? '')).toMatchObject({
      status: 'success',
      trigger: { body: { email: 'ada@example.com' } },
      steps: [{ status: 'success' }],
    });
  },
);

it('the commands of the runbook do what it says, pasted from top to bottom', async () => {
  const blocks = commandsOf('docs/runbook.md');
  expect(blocks[0]).toContain('BASE=http://localhost:3000\n');
  const here = blocks.map((block) => block.replace('http://localhost:3000', product.url));

  const told = await paste(here);

  const after = (part: string) => told[blocks.findIndex((block) => block.includes(part))] ?? '';
  expect(after('last_run?.status').trim().split('\n')).toHaveLength(5);
  expect(after('r.output_summary')).toMatch(/^success {2}/);
  expect(after('/logs -H')).toContain('"type":"own_page"');
  expect(after('/logs -H')).toContain('"message":');
  expect(after('collection=content')).toContain('"templates":');
  expect(after('health?deep=1"\n')).toContain('"status":"ok"');
  expect(after('/replay')).toContain('"run_id":"run_');
  expect(after('/replay')).toContain(systemAgentId('content-refresh'));
  expect(after('admin/redrive')).toContain('{"items":[]}');
});
