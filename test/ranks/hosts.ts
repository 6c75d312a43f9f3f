// Two "machines" of this one: network namespaces joined by a cable, each with its own name, shared memory and
// temporary folder, so that ranks can speak by TCP alone. Linux, root, iproute2.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../../bench/statistics.ts";
import { writeTable } from "../cli/run.ts";
import type { Counts } from "./campaign.ts";
import { CLI, LAUNCHERS, type Launcher, startProgram } from "./launch.ts";

const HOSTS = ["dpranks0", "dpranks1"] as const;
const STEP = join(import.meta.dirname, "../../bench/ranks/step.ts");
const BITS = join(import.meta.dirname, "bits-program.ts");
const CUT_MS = 8000; // from the cut to the end of the last rank

const ip = (...words: string[]) => spawnSync("ip", words, { encoding: "utf8" });

/** Why two hosts cannot be made here, or undefined if they can. */
export function noHosts(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "two hosts need root, for network namespaces";
  if (ip("netns", "list").status !== 0) return "there is no ip here (on Debian: apt-get install iproute2)";
  if (spawnSync("unshare", ["--uts", "--mount", "true"]).status !== 0) return "unshare is not allowed here";
  return undefined;
}

/** Join two fresh namespaces by a cable; returns the program that runs a command on a host, as ssh would. */
function makeHosts(home: string, shape: readonly string[]): string {
  const [a, b] = HOSTS;
  const done = [
    ip("netns", "add", a),
    ip("netns", "add", b),
    ip("link", "add", "eth0", "netns", a, "type", "veth", "peer", "name", "eth0", "netns", b),
    ...HOSTS.flatMap((host, i) => [
      ip("-n", host, "addr", "add", `10.77.0.${i + 1}/24`, "dev", "eth0"),
      ip("-n", host, "link", "set", "lo", "up"),
      ip("-n", host, "link", "set", "eth0", "up"),
      ...(shape.length > 0 ? [ip("netns", "exec", host, "tc", "qdisc", "add", "dev", "eth0", "root", ...shape)] : []),
    ]),
  ];
  const failed = done.find(({ status }) => status !== 0);
  if (failed) throw new Error(failed.stderr);
  writeFileSync(
    join(home, "hosts"),
    `127.0.0.1 localhost\n${HOSTS.map((host, i) => `10.77.0.${i + 1} ${host}\n`).join("")}`,
  );
  const agent = join(home, "agent.sh");
  const inside = `hostname $host; mount -t tmpfs none /dev/shm; mount --bind ${home}/hosts /etc/hosts; mkdir -p ${home}/$host; export TMPDIR=${home}/$host; $*`;
  writeFileSync(agent, `#!/bin/sh\nhost=$1; shift\nexec ip netns exec $host unshare --uts --mount sh -c "${inside}"\n`);
  chmodSync(agent, 0o755);
  return agent;
}

/** mpirun's words for a rank of Node on each host, by TCP. */
function wordsFor({ kind, mpirun }: Launcher, agent: string, words: readonly string[]): string[] {
  const [a, b] = HOSTS;
  const open = ["--mca", "plm_rsh_agent", agent, "--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include"];
  const how =
    kind === "openmpi"
      ? [mpirun, ...open, "eth0", "--bind-to", "none", "--host", `${a}:1,${b}:1`]
      : [mpirun, "-launcher", "rsh", "-launcher-exec", agent, "-iface", "eth0", "-hosts", `${a},${b}`];
  return [agent, a, ...how, "-n", "2", process.execPath, ...words];
}

/** The environment of such a job: without it MPICH finds shared memory between the two. */
const SHARED = { UCX_TLS: "tcp,self", UCX_NET_DEVICES: "eth0" };

/** Bytes that a host has sent. */
function sentBy(host: string): number {
  const { stdout } = ip("-n", host, "-s", "-j", "link", "show", "eth0");
  return (JSON.parse(stdout) as { stats64: { tx: { bytes: number } } }[])[0]!.stats64.tx.bytes;
}

/** End what still runs on the hosts. */
function clear(): void {
  for (const pid of HOSTS.flatMap((host) => ip("netns", "pids", host).stdout.split("\n")))
    if (/^\d+$/.test(pid)) spawnSync("kill", ["-9", pid]);
}

/** Do `work` with two fresh hosts: given a folder, and the program that runs a command on a host. */
async function onHosts<R>(shape: readonly string[], work: (home: string, agent: string) => Promise<R>): Promise<R> {
  const home = mkdtempSync(join(tmpdir(), "deltaprop-hosts-"));
  try {
    return await work(home, makeHosts(home, shape));
  } finally {
    clear();
    for (const host of HOSTS) ip("netns", "del", host);
    rmSync(home, { recursive: true });
  }
}

const LEAST_BYTES = 1_000_000; // of the cases of BITS, which a host sends by the cable and no other way

/** The same bits on two hosts as in one process, and bytes on the cable; `shape`: of it, for tc's netem. */
export async function twoHosts(shape: readonly string[]): Promise<Counts> {
  const alone = await startProgram([process.execPath, BITS, "1", "together", "native"]).ended;
  const counts: Record<string, { readonly same: boolean; readonly code: number | null; readonly bytes: number[] }> = {};
  for (const launcher of LAUNCHERS)
    counts[launcher.kind] = await onHosts(shape, async (_, agent) => {
      const job = await startProgram(wordsFor(launcher, agent, [BITS, "1", "together", "native"]), { env: SHARED })
        .ended;
      return { same: job.out === alone.out, code: job.code, bytes: HOSTS.map(sentBy) };
    });
  const right = Object.values(counts).filter(
    ({ same, code, bytes }) => same && code === 0 && Math.min(...bytes) > LEAST_BYTES,
  );
  return { ...counts, all: LAUNCHERS.length, wrong: LAUNCHERS.length - right.length };
}

/**
 * µs of a training step of 784-H-H-H-10 on two hosts, medians: with arrays exchanged after each pass, overlapped, and
 * with sums from rank to rank.
 */
export async function shapedStep(H: number, B: number, shape: readonly string[]): Promise<Counts> {
  const counts: Record<string, object> = {};
  for (const launcher of LAUNCHERS)
    counts[launcher.kind] = await onHosts(shape, async (_, agent) => {
      const us: Record<string, number[]> = { "together,arrays": [], "apart,arrays": [], "apart,sums": [] };
      for (let round = 0; round < 3; round++)
        for (const [how, values] of Object.entries(us)) {
          const words = wordsFor(launcher, agent, [STEP, `${H}`, `${B}`, "1", "5", "200", how]);
          const { out } = await startProgram(words, { env: SHARED }).ended;
          values.push(...(JSON.parse(out.trim().split("\n").at(-1)!) as { us: number[] }).us);
        }
      return Object.fromEntries(Object.entries(us).map(([how, values]) => [how, Math.round(median(values))]));
    });
  return { ...counts, all: LAUNCHERS.length, wrong: 0 };
}

/** The cable is cut while two hosts train: how long until no rank is left, and what they said. */
export async function cutCable(): Promise<Counts> {
  const counts: Record<string, { readonly late: boolean; readonly left: number; readonly named: boolean }> = {};
  for (const launcher of LAUNCHERS)
    counts[launcher.kind] = await onHosts([], async (home, agent) => {
      mkdirSync(join(home, "work"));
      writeTable(join(home, "work/things.csv"), 203);
      const words = [
        "train",
        "things.csv",
        "--epochs",
        "1000000",
        "--quiet",
        "--out",
        "run",
        "--checkpoint-minutes",
        "0.01",
      ];
      const job = startProgram(wordsFor(launcher, agent, [CLI, ...words]), { cwd: join(home, "work"), env: SHARED });
      const over = job.ended.then(() => true);
      const rest = (ms: number) => Promise.race([over, new Promise<false>((go) => setTimeout(() => go(false), ms))]);
      while (!existsSync(join(home, "work/run/checkpoint.safetensors"))) if (await rest(50)) break;
      const pids = job.ranks();
      const begun = performance.now();
      ip("-n", HOSTS[1], "link", "set", "eth0", "down");
      const there = () => pids.filter((pid) => existsSync(`/proc/${pid}/exe`)).length;
      while (there() > 0 && performance.now() - begun < 4 * CUT_MS) await new Promise((go) => setTimeout(go, 50));
      const ms = Math.round(performance.now() - begun);
      const left = there();
      clear(); // Open MPI's mpirun waits for the daemon behind the cut
      const { err } = await job.ended;
      const record = JSON.parse(readFileSync(join(home, "work/run/run.json"), "utf8"));
      return {
        ranks: pids.length,
        ms,
        late: ms > CUT_MS,
        left,
        named: /^error RANK_LOST/m.test(err),
        status: record.status,
      };
    });
  const right = Object.values(counts).filter(({ late, left, named }) => !late && left === 0 && named);
  return { ...counts, all: LAUNCHERS.length, wrong: LAUNCHERS.length - right.length };
}
