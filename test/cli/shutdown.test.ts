// What a signal does to work that can be saved, on a clock of the test's own.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { gracefully, saving } from "../../src/cli/shutdown.ts";

const said: string[] = [];
const exits: unknown[] = [];
beforeEach(() => {
  said.length = exits.length = 0;
  vi.useFakeTimers();
  vi.spyOn(process, "exit").mockImplementation(((code: unknown) => void exits.push(code)) as never);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Work that ends when `finish` is called, and hears a SIGTERM. */
function interrupted(wrap: <T>(work: () => Promise<T>) => Promise<T>) {
  const others = process.listeners("SIGTERM");
  let finish = () => {};
  const work = gracefully(
    () => wrap(() => new Promise<void>((settle) => (finish = settle))),
    () => "unfinished",
  );
  for (const heard of process.listeners("SIGTERM")) if (!others.includes(heard)) heard("SIGTERM");
  return { work, finish };
}

test("work that goes on says within half a second that the signal was heard, and ends with 143 soon after", async () => {
  const { work, finish } = interrupted((step) => step());
  vi.advanceTimersByTime(500);
  expect([said, exits]).toEqual([[expect.stringMatching(/^stopping: .* A second signal ends at once\.\n$/)], []]);
  vi.advanceTimersByTime(1500);
  expect([said.slice(1), exits]).toEqual([["unfinished\n"], [143]]);
  finish();
  await work;
});

test("a save under way is given more time than a step, but not without end", async () => {
  const { work, finish } = interrupted(saving);
  vi.advanceTimersByTime(9_000);
  expect(exits).toEqual([]);
  vi.advanceTimersByTime(9_000);
  expect(exits).toEqual([143]);
  finish();
  await work;
});
