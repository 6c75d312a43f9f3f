// A save on disks that fail: every call of it in turn fails, once or from then on, or the process dies there. What is
// then in the folder must be the old checkpoint or the new one, whole, and the new one where the save said that it was
// done.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentFailure } from "../../src/errors.ts";
import { type Disk, writeDurably } from "../../src/files/disk.ts";
import { encodeCheckpoint } from "../../src/files/run/checkpoint.ts";
import { CHECKPOINT_FILE, findCheckpoint, PREVIOUS_FILE } from "../../src/files/run/run-folder.ts";
import { sampleCheckpoint } from "./damage.ts";
import { insist } from "./job.ts";

/** The process is gone: nothing it does after this happens. */
class Killed extends Error {}

/** The real disk, but `fails(n)` says what the n-th call (from 1) throws, if anything. */
function faultyDisk(fails: (call: number) => Error | undefined): { disk: Disk; calls: () => number } {
  let calls = 0;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    const failure = fails(++calls);
    if (failure) throw failure;
    return work();
  };
  const disk: Disk = {
    open: (path, flags) =>
      call(async () => {
        const file = await open(path, flags);
        return {
          writeFile: (content) => call(() => file.writeFile(content)),
          sync: () => call(() => file.sync()),
          // a descriptor that fails to close is closed, as on Linux, and so is one of a process that is gone
          close: () => call(async () => {}).finally(() => file.close()),
        } as Awaited<ReturnType<Disk["open"]>>;
      }),
    rename: (from, to) => call(() => rename(from, to)),
    unlink: (path) => call(() => unlink(path)),
  };
  return { disk, calls: () => calls };
}

const ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EROFS"];

/**
 * Every call × (every error × once and from then on, and death), with and without a checkpoint there before. Returns
 * how many.
 */
export async function failEveryCall(
  befores: readonly number[] = [0, 1, 2],
): Promise<{ points: number; calls: number }> {
  const sample = await sampleCheckpoint();
  const generation = (n: number) => encodeCheckpoint({ ...sample, run: String(n) });
  const files = [await generation(1), await generation(2), await generation(3)] as const;
  const faults: ((k: number) => (call: number) => Error | undefined)[] = [
    (k) => (call) => (call >= k ? new Killed() : undefined),
    ...ERRORS.flatMap((code) => {
      const failure = () => Object.assign(new Error(code), { code });
      return [
        (k: number) => (call: number) => (call === k ? failure() : undefined),
        (k: number) => (call: number) => (call >= k ? failure() : undefined),
      ];
    }),
  ];
  let points = 0;
  let longest = 0;
  for (const before of befores) // generations that are saved before
    for (const fault of faults)
      for (let k = 1; ; k++) {
        const folder = mkdtempSync(join(tmpdir(), "deltaprop-disk-"));
        const save = (bytes: Uint8Array, disk?: Disk) =>
          writeDurably(join(folder, CHECKPOINT_FILE), bytes, {
            previous: join(folder, PREVIOUS_FILE),
            ...(disk && { disk }),
          });
        for (let n = 0; n < before; n++) await save(files[n]!);
        const { disk, calls } = faultyDisk(fault(k));
        let failure: unknown;
        await save(files[before]!, disk).catch((error: unknown) => {
          failure = error;
        });
        const untouched = calls() < k;
        const found = await findCheckpoint(folder);
        const generationFound = Number(found?.run ?? 0);
        const point = `call ${k} of a save over ${before}`;
        if (!untouched) {
          points++;
          const whole = generationFound === before + 1 || generationFound === before;
          insist(whole, `${point}: generation ${generationFound} is there`);
          insist(failure !== undefined || generationFound === before + 1, `${point}: a lost save was called done`);
          insist(failure === undefined || failure instanceof EnvironmentFailure, `${point}: ${failure}`);
          insist(!found?.damaged, `${point}: a damaged checkpoint is there`);
          const temporary = readdirSync(folder).filter((name) => name.endsWith(".tmp"));
          const gone = calls() === k; // nothing was called after the failing call, not even the removal
          if (fault === faults[0] || gone) longest = Math.max(longest, k);
          await save(files[0]!); // the next save, on a disk that works again
          insist((await findCheckpoint(folder))?.run === "1", `${point}: the next save failed`);
          insist(temporary.length <= 1, `${point}: ${temporary}`);
        } else insist(failure === undefined && generationFound === before + 1, "an untouched save failed");
        rmSync(folder, { recursive: true });
        if (untouched) break;
      }
  return { points, calls: longest };
}
