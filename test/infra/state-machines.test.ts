import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '#test/helpers/assembly';
import { stateMachineProblems } from '#test/helpers/state-machine-check';

const folder = join(ROOT, 'statemachines');
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.json'))
  : [];

describe('every state machine', () => {
  it('is one that Step Functions takes, and reads only what has a value', async () => {
    for (const name of files) {
      const text = readFileSync(join(folder, name), 'utf8');
      for (const startAt of ['RunSteps', 'Route']) {
        expect(await stateMachineProblems(text, startAt), `${name} from ${startAt}`).toEqual([]);
      }
    }
  });
});

function machine(states: object): string {
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'One', States: states });
}
const done = { Done: { Type: 'Succeed' } };
const pass = (rest: object) => ({ Type: 'Pass', Next: 'Done', ...rest });

describe('the check', () => {
  it.each([
    {
      mistake: 'a state that is not there',
      states: { One: pass({ Next: 'Two' }), ...done },
      problem: 'Two',
    },
    {
      mistake: 'a state that nothing leads to',
      states: { One: pass({}), Two: pass({}), ...done },
      problem: 'Two is never reached',
    },
    {
      mistake: 'an expression that is none',
      states: { One: pass({ Output: '{% $states.input. %}' }), ...done },
      problem: 'is not JSONata',
    },
    {
      mistake: 'a variable that has no value',
      states: { One: pass({ Output: '{% $total + 1 %}' }), ...done },
      problem: '$total may have no value',
    },
    {
      mistake: 'a variable that the same state assigns',
      states: { One: pass({ Assign: { n: 1 }, Output: '{% $n %}' }), ...done },
      problem: '$n may have no value',
    },
    {
      mistake: 'a variable that has a value on one of two ways only',
      states: {
        One: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input.a %}', Next: 'Two', Assign: { n: 1 } }],
          Default: 'Two',
        },
        Two: pass({ Output: '{% $n %}' }),
        ...done,
      },
      problem: '$n may have no value',
    },
    {
      mistake: 'a function that there is not',
      states: { One: pass({ Output: '{% $eval("1") %}' }), ...done },
      problem: '$eval may have no value',
    },
  ])('finds $mistake', async ({ states, problem }) => {
    expect((await stateMachineProblems(machine(states))).join('\n')).toContain(problem);
  });

  it('takes what is right', async () => {
    const states = {
      One: pass({
        Assign: { n: '{% $exists($n) ? 2 : 1 %}', list: '{% $map([1..3], function($v) { $v }) %}' },
        Next: 'Two',
      }),
      Two: pass({ Output: '{% ($sum := $sum($list); $sum + $n + $range(1, 2, 1)[0]) %}' }),
      ...done,
    };
    expect(await stateMachineProblems(machine(states))).toEqual([]);
  });
});
