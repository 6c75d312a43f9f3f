// What axe finds on a page.
import axe from "axe-core";
import type { Page } from "playwright-core";

/**
 * Each violation with its element, of the page as it is. `rules`: of axe; all if not given. Without MathML, which
 * carries its own accessible text.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async (only) => {
    const { axe: run } = globalThis as unknown as { axe: typeof axe };
    const found = await run.run({ exclude: ["math"] }, only ? { runOnly: only as string[] } : {});
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  }, rules ?? null);
}
