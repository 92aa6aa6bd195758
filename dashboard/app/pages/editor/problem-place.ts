import { nameOf } from '#dashboard/app/forms/words.ts';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import type { CatalogEntry } from '#dashboard/app/pages/editor/editor-context.ts';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';
import { stepTitle } from '#dashboard/app/pages/editor/step-types.tsx';

const sections: Readonly<Record<string, string>> = {
  trigger_config: 'Trigger',
  settings: 'Settings',
};

/**
 * Where in the editor a field is: `actions[0].config.url` becomes "Step 1 (Get the page), URL".
 *
 * @param path JSON path in what is saved
 */
export function problemPlace(
  path: string,
  steps: readonly Step[],
  catalog: readonly CatalogEntry[],
): string {
  const around = [...walk(steps)].filter((one) => path.startsWith(one.path));
  const [first, ...inner] = around.map(({ step }) => step.name ?? stepTitle(catalog, step.type));
  const number = Number(/^actions\[(\d+)\]/.exec(path)?.[1]) + 1;
  const section = sections[path.split('.')[0] ?? ''];
  const isStep = around.at(-1)?.path === path;
  return [
    ...(first === undefined ? [] : [`Step ${number} (${first})`]),
    ...inner.map((name) => `“${name}”`),
    ...(section === undefined ? [] : [section]),
    ...(isStep || section === nameOf(path) ? [] : [nameOf(path)]),
  ].join(', ');
}
