import axe from 'axe-core';
import type { Page } from 'playwright-core';

const EVERY_RULE = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
};
/** The serious barriers that axe finds. @param rules which of its rules to run, as it takes them; by default all of WCAG 2.2 AA */
export async function barriers(page: Page, rules: object = EVERY_RULE): Promise<string[]> {
  // As a script of the test, not of the page: the page's policy allows no foreign script.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: rules, resultTypes: ['violations'] });
  const violations = (await page.evaluate(
    `axe.run(document, ${options}).then((result) => result.violations)`,
  )) as axe.Result[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        (node) => `${id} ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`,
      ),
    );
}
