// Node only. Fetching one file whose SHA-256 is known, from the first mirror that can. What is not verified never gets
// its name.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EnvironmentFailure } from "../../errors.ts";

/** How far a download is. */
export type DownloadProgress = {
  /** The file's name. */
  readonly file: string;
  /** Bytes so far. */
  readonly received: number;
  /** Bytes of the whole file. */
  readonly total: number;
};

export type DownloadOptions = {
  readonly urls: readonly string[];
  readonly to: string; //       the file's path once it is whole
  readonly bytes: number; //    its exact size
  readonly sha256: string;
  readonly patience?: number | undefined; // milliseconds a mirror may be silent, by default 30,000
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
};

/**
 * Fetch a file to `to`. Its bytes gather in `to.part`, which a later call continues where the mirror allows it; only a
 * part of the right size and SHA-256 is synced and renamed. Each mirror is tried twice. Raises EnvironmentFailure
 * DOWNLOAD_FAILED saying what each mirror did, or CACHE_NOT_WRITABLE; then no file called `to` has appeared.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { to, bytes, sha256, urls } = options;
  const part = `${to}.part`;
  await onDisk(to, () => mkdir(dirname(to), { recursive: true }));
  const failures: string[] = [];
  for (const url of urls)
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        if ((await size(part)) !== bytes) await receive(url, part, options);
        const found = await sha256OfFile(part);
        if (found !== sha256) throw new MirrorFailure(`sent other bytes: SHA-256 ${found} instead of ${sha256}`);
      } catch (error) {
        if (!(error instanceof MirrorFailure)) throw error;
        if ((await size(part)) >= bytes) await rm(part, { force: true }); // whole and wrong: nothing to continue
        failures.push(`${new URL(url).host} ${error.message}`);
        continue;
      }
      return onDisk(to, () => settle(part, to));
    }
  const unique = [...new Set(failures)].join("; ");
  throw new EnvironmentFailure(
    "DOWNLOAD_FAILED",
    `no mirror gave the file: ${unique}. Fetch it by other means and pass its folder as --data-dir.`,
    { file: to },
  );
}

/** What a mirror did wrong; the next attempt may do better. */
class MirrorFailure extends Error {}

/** Append to `part` what is missing of it, or write it anew where the mirror sends the whole. */
async function receive(url: string, part: string, { to, bytes, patience = 30_000, onProgress }: DownloadOptions) {
  const have = await size(part);
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), patience);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), patience);
  };
  const failure = (error: unknown) => {
    if (quiet.signal.aborted) return new MirrorFailure(`was silent for ${patience / 1000} s`);
    const { cause, message } = error as Error;
    return new MirrorFailure(`broke off (${cause instanceof Error ? cause.message : message})`);
  };
  try {
    const headers = have > 0 ? { range: `bytes=${have}-` } : {};
    const response = await fetch(url, { headers, signal: quiet.signal }).catch((error) => {
      throw failure(error);
    });
    if (response.status === 416) await onDisk(to, () => rm(part, { force: true }));
    const continues = response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${have}-`);
    if (!continues && response.status !== 200) {
      await response.body?.cancel();
      throw new MirrorFailure(`answered ${response.status} ${response.statusText}`.trimEnd());
    }
    let received = continues ? have : 0;
    const file = await onDisk(to, () => open(part, continues ? "a" : "w"));
    try {
      const reader = response.body?.getReader();
      for (;;) {
        const chunk = await reader?.read().catch((error) => {
          throw failure(error);
        });
        if (!chunk || chunk.done) break;
        alive();
        received += chunk.value.length;
        await onDisk(to, () => file.writeFile(chunk.value));
        onProgress?.({ file: to, received, total: bytes });
        if (received > bytes) {
          await reader?.cancel();
          throw new MirrorFailure(`sent more than the ${bytes} bytes of the file`);
        }
      }
      if (received < bytes) throw new MirrorFailure(`sent ${received} of ${bytes} bytes`);
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Give the verified part its name so that a power cut leaves either none of it or all of it. */
async function settle(part: string, to: string): Promise<void> {
  const sync = async (path: string, flags: string) => {
    const file = await open(path, flags);
    await file.sync();
    await file.close();
  };
  await sync(part, "r+");
  await rename(part, to);
  if (process.platform !== "win32") await sync(dirname(to), "r"); // Windows cannot sync a folder
}

async function onDisk<T>(to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = `the download cannot be written (${(cause as NodeJS.ErrnoException).code}). Free or choose another cache folder with XDG_CACHE_HOME.`;
    throw new EnvironmentFailure("CACHE_NOT_WRITABLE", reason, { file: to }, { cause });
  }
}

const size = (path: string) =>
  stat(path).then(
    (found) => found.size,
    () => 0,
  );

/** SHA-256 of a file's bytes, in hexadecimal; undefined if it cannot be read. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}
