import { isObject } from '#dashboard/app/forms/json-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks as much of an agent as the builder needs to find its way in it: the lists of steps and what steps are called.
 * What is in their configs is for the API to judge.
 *
 * @throws Error that says what is wrong, and where
 */
export function checkOutline(agent: Fields): void {
  expectText(agent, '', ['name', 'description']);
  expectObject(agent, '', ['trigger_config', 'settings']);
  checkSteps(agent['actions'], 'actions');
}

function checkSteps(steps: unknown, path: string): void {
  for (const [step, at] of entriesOf(steps, path)) {
    expectText(step, `${at}.`, ['id', 'type', 'name']);
    expectObject(step, `${at}.`, ['config']);
    const config = (step['config'] ?? {}) as Fields;
    for (const name of ['actions', 'otherwise']) {
      if (config[name] !== undefined) checkSteps(config[name], `${at}.config.${name}`);
    }
    if (config['branches'] === undefined) continue;
    for (const [branch, where] of entriesOf(config['branches'], `${at}.config.branches`)) {
      if (branch['actions'] !== undefined) checkSteps(branch['actions'], `${where}.actions`);
    }
  }
}

function entriesOf(list: unknown, path: string): (readonly [Fields, string])[] {
  if (!Array.isArray(list)) throw new Error(`${path} must be a list.`);
  return list.map((entry: unknown, index) => {
    const at = `${path}[${index}]`;
    if (!isObject(entry)) throw new Error(`${at} must be an object.`);
    return [entry, at];
  });
}

function expectText(from: Fields, path: string, names: readonly string[]): void {
  const wrong = names.find((name) => !['undefined', 'string'].includes(typeof from[name]));
  if (wrong !== undefined) throw new Error(`${path}${wrong} must be a text.`);
}

function expectObject(from: Fields, path: string, names: readonly string[]): void {
  const wrong = names.find((name) => from[name] !== undefined && !isObject(from[name]));
  if (wrong !== undefined) throw new Error(`${path}${wrong} must be an object.`);
}
