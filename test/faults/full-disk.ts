// Real disks: full ones of many sizes, read-only ones, folders without permission, a folder that is removed. Linux
// only: disks are made with `unshare -rm` and tmpfs, which needs no privilege.
import { spawn, spawnSync } from "node:child_process";
import { Home, insist, MAIN } from "./job.ts";
import { untouched } from "./kill.ts";

export const haveUnshare = spawnSync("unshare", ["-rm", "true"]).status === 0;

/** A shell in a mount namespace of its own, in the job's folder. */
function shell(home: Home, script: string): Promise<{ code: number | null; text: string }> {
  const child = spawn("unshare", ["-rm", "bash", "-c", script], { cwd: home.path });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  return new Promise((settle) => child.on("close", (code) => settle({ code, text })));
}

const quote = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");

/**
 * Train on disks of `sizes` sizes, from nothing to more than enough; then make room and go on. Returns how many filled
 * up.
 */
export async function fillDisks(sizes: number): Promise<{ disks: number; full: number }> {
  const home = new Home();
  try {
    const expected = await untouched(home);
    const node = `'${process.execPath}' '${MAIN}'`;
    let full = 0;
    for (let n = 0; n < sizes; n++) {
      const bytes = 4096 * (2 + n); // tmpfs counts in pages; the first one holds the folder
      const { text } = await shell(
        home,
        `mkdir -p disk && mount -t tmpfs -o size=${bytes} tmpfs disk
         ${node} ${quote(home.start("disk/run"))} > /dev/null; echo "first $?"
         mount -o remount,size=8m disk
         ${node} ${quote(home.resume("disk/run"))} > /dev/null || ${node} ${quote(home.start("disk/run"))} > /dev/null; echo "second $?"
         grep '"parametersSha256"' disk/run/run.json; ls -A disk/run`,
      );
      const first = Number(/^first (\d+)$/m.exec(text)?.[1]);
      insist(first === 0 || first === 3, `a disk of ${bytes} bytes: ${text}`);
      if (first === 3) {
        full++;
        insist(/^error (WRITE_FAILED|OUT_OF_RESOURCES) disk\/run.* \(ENOSPC\)/m.test(text), `no named error: ${text}`);
      }
      insist(/^second 0$/m.test(text) && text.includes(expected), `with room again: ${text}`);
      insist(!/\.tmp$|^\.lock/m.test(text), `left behind: ${text}`);
    }
    return { disks: sizes, full };
  } finally {
    home.remove();
  }
}

/** Places where nothing can be written, from the start or from some moment on. Returns how many were tried. */
export async function forbidWriting(): Promise<{ places: number }> {
  const home = new Home(400);
  const node = `'${process.execPath}' '${MAIN}'`;
  const start = `${node} ${quote(home.start("disk/run"))}`;
  const during = (act: string) =>
    `mkdir -p disk && mount -t tmpfs -o size=8m tmpfs disk
     ${start} > out & p=$!
     for i in $(seq 200); do grep -q '"epoch":2,' out && break; sleep 0.05; done
     ${act}; wait $p; echo "first $?"`;
  const places: Record<string, readonly [script: string, text: RegExp]> = {
    "a read-only disk": [
      `mkdir -p disk && mount -t tmpfs -o size=8m,ro tmpfs disk; ${start}; echo "first $?"`,
      /^error WRITE_FAILED disk\/run: .*\(EROFS\)/m,
    ],
    "a disk that becomes read-only": [
      // a remount waits for open files to be closed, so it is tried until it comes through
      during(`until mount -o remount,ro disk 2> /dev/null; do :; done`),
      /^saved: disk\/run\/checkpoint\.safetensors.*\nerror WRITE_FAILED disk\/run\/.*\(EROFS\)/m,
    ],
    "a folder that is removed": [
      during("rm -rf disk/run"),
      /no checkpoint can be read in disk\/run\.\nerror WRITE_FAILED disk\/run\/.*\(ENOENT\)/,
    ],
    "a full standard output": [
      `${node} ${quote(home.start("full-out", "5"))} > /dev/full; echo "first $?"`,
      /^error WRITE_FAILED standard output: ENOSPC/m,
    ],
    "too few file descriptors": [
      `ulimit -n 28; ${start} --threads 2; echo "first $?"`,
      /^error WORKER_FAILED worker \d stopped: .*EMFILE/m,
    ],
    "files that may not grow": [
      `ulimit -f 4; ${start} | head -c 0; echo "first \${PIPESTATUS[0]}"`,
      /^error WRITE_FAILED disk\/run\/.*EFBIG|^saved/m,
    ],
  };
  try {
    for (const [what, [script, expected]] of Object.entries(places)) {
      const { text } = await shell(home, script);
      insist(/^first 3$/m.test(text), `${what} did not end with 3: ${text}`);
      insist(expected.test(text), `${what} said: ${text}`);
    }
    return { places: Object.keys(places).length };
  } finally {
    home.remove();
  }
}
