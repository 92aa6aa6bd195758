import { randomBytes } from 'node:crypto';
import { catalog } from '#actions/registry';
import { parseEgressAllow } from '#core/egress/egress';
import { parseRequest } from '#core/field-path';
import { TestStep, testStep } from '#core/steps/test-step';
import { memoryCredits } from '#test/helpers/memory-ports';
import { worldWith } from '#test/helpers/world';

/**
 * Tries the step that its argument describes, as the API does, and prints what came of it. A
 * process of its own, so that a test may run it in a changed copy of the project.
 */
const body = parseRequest(TestStep, JSON.parse(process.argv[2] ?? ''));
const { record, output } = await testStep('alice', body, {
  catalog,
  egress: parseEgressAllow(''),
  world: worldWith(),
  connections: { find: async () => undefined },
  plan: 'pro',
  rates: { take: async () => true },
  credits: memoryCredits().store,
  clock: { now: Date.now },
  random: () => 0,
  log: { info() {}, warn() {}, error: (...told) => process.stderr.write(JSON.stringify(told)) },
  randomBytes,
});
process.stdout.write(JSON.stringify({ status: record.status, output: JSON.parse(output) }));
