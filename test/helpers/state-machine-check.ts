import validate from 'asl-validator';
import jsonata from 'jsonata';
import type { Catcher, Choice, Definition, State } from '#local/services/states/definition';
import { isExpression } from '#local/services/states/expressions';
import { parseDefinition } from '#local/services/states/parse';

/** What Step Functions adds to JSONata. */
const ADDED = ['partition', 'range', 'hash', 'uuid', 'parse'];

/**
 * All that can be told to be wrong with a state machine without running it: the language's rules by two judges,
 * JSONata's grammar, functions that there are not, and variables that may not have a value when they are read.
 *
 * @param text the definition; placeholders such as `${FunctionArn}` stand for ARNs.
 * @param startAt what stands for `${StartAt}`
 */
export async function stateMachineProblems(text: string, startAt = 'RunSteps'): Promise<string[]> {
  const filled = text
    .replace(/"\$\{StartAt\}"/, JSON.stringify(startAt))
    .replace(/\$\{\w+\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:f');
  // It writes into what it is given.
  const judged = validate(JSON.parse(filled));
  const problems = judged.errors.map((error) => JSON.stringify(error));
  try {
    const definition = parseDefinition(filled);
    return [...problems, ...(await variableProblems(definition))];
  } catch (error) {
    return [...problems, (error as Error).message];
  }
}

type Exit = {
  readonly to: string;
  readonly assigned: readonly string[];
};

async function variableProblems(definition: Definition): Promise<string[]> {
  const before = variablesBefore(definition);
  const problems: string[] = [];
  for (const [name, state] of Object.entries(definition.States)) {
    const known = before.get(name);
    if (!known) problems.push(`${name} is never reached`);
    for (const expression of expressionsIn(state)) {
      for (const variable of freeVariables(expression)) {
        if (known?.has(variable) || (await isFunction(variable))) continue;
        problems.push(`${name}: $${variable} may have no value in ${expression}`);
      }
    }
  }
  return problems;
}

/** For each state that can be reached, the variables that have a value on every way to it. */
function variablesBefore({ StartAt, States }: Definition): Map<string, Set<string>> {
  const before = new Map([[StartAt, new Set<string>()]]);
  const changed = [StartAt];
  for (let name = changed.pop(); name !== undefined; name = changed.pop()) {
    const known = before.get(name) ?? new Set();
    for (const { to, assigned } of exitsOf(States[name] as State)) {
      const after = new Set([...known, ...assigned]);
      const earlier = before.get(to);
      const both = earlier ? new Set([...earlier].filter((each) => after.has(each))) : after;
      if (earlier && both.size === earlier.size) continue;
      before.set(to, both);
      changed.push(to);
    }
  }
  return before;
}

function exitsOf(state: State): Exit[] {
  const exit = (by: Pick<Choice | Catcher, 'Assign'>, to: string | undefined): Exit[] =>
    to === undefined ? [] : [{ to, assigned: Object.keys(by.Assign ?? {}) }];
  if (state.Type === 'Choice') {
    const choices = state.Choices.flatMap((choice) => exit(choice, choice.Next));
    return [...choices, ...exit(state, state.Default)];
  }
  const catchers = state.Type === 'Task' ? (state.Catch ?? []) : [];
  return [
    ...('Next' in state ? exit(state, state.Next) : []),
    ...catchers.flatMap((catcher) => exit(catcher, catcher.Next)),
  ];
}

function expressionsIn(value: unknown): string[] {
  if (isExpression(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

/** Names that an expression reads and does not bind itself; `$exists($name)` may ask for any. */
function freeVariables(expression: string): string[] {
  const used = new Set<string>();
  const bound = new Set(['', '$', 'states']);

  function visit(node: unknown): void {
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, value, lhs, procedure, arguments: given } = node as jsonata.ExprNode;
    if (type === 'variable') used.add(String(value));
    if ((type as string) === 'bind') bound.add(String((lhs as jsonata.ExprNode).value));
    if (type === 'lambda') for (const each of given ?? []) bound.add(String(each.value));
    if (type === 'function' && procedure?.value === 'exists' && given?.[0]?.type === 'variable') {
      return;
    }
    for (const each of Object.values(node)) visit(each);
  }

  visit(jsonata(expression.slice(2, -2)).ast());
  return [...used].filter((name) => !bound.has(name));
}

async function isFunction(name: string): Promise<boolean> {
  if (ADDED.includes(name)) return true;
  return name !== 'eval' && (await jsonata(`$exists($${name})`).evaluate({}));
}
