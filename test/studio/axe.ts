// What axe finds on a page.
import axe from "axe-core";
import type { Page } from "playwright-core";

type Asked = {
  readonly rules?: readonly string[] | undefined; // of axe; all if not given
  readonly within?: string; //                       a selector; the whole page if not given
  readonly except?: string; //                       a selector; nothing if not given
};

/** Each violation with its element, of the page as it is. */
export async function violations(page: Page, asked: Asked = {}): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async ({ rules, within, except }) => {
    const { axe: run } = globalThis as unknown as { axe: typeof axe };
    const place = { include: [within ?? "html"], exclude: except ? [except] : [] };
    const found = await run.run(place, rules ? { runOnly: rules as string[] } : {});
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  }, asked);
}
