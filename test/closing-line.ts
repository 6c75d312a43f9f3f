// A Vitest reporter that ends a run with what was skipped for want of something, what passed at a second try alone, and
// then with one line that any script can read: `N passed, N failed, N skipped`.
import type { Reporter, TestModule } from "vitest/node";

export default class ClosingLine implements Reporter {
  readonly #skipped = new Set<string>();

  onUserConsoleLog({ content }: { readonly content: string }): void {
    for (const line of content.split("\n")) if (line.startsWith("SKIPPED")) this.#skipped.add(line);
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules)
      for (const test of module.children.allTests()) {
        count[test.result().state]++;
        if (test.diagnostic()?.flaky) console.log(`PASSED at the second try: ${test.fullName}`);
      }
    const broken = errors.length + modules.filter((module) => module.errors().length > 0).length;
    for (const line of this.#skipped) console.log(line);
    console.log(`${count.passed} passed, ${count.failed + broken} failed, ${count.skipped + count.pending} skipped`);
  }
}
