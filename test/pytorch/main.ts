// `npm run test:pytorch -- --python P`: random nets over all losses, activations and 1 … 5 layers beside PyTorch in
// float64: every value, δ, ∇W and ∇b of a batch. P is a Python that has torch. Exit code 4 where a bound is passed.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { EngineName } from "../../src/engines/engine.ts";
import { ENGINES } from "../../src/engines/registry.ts";
import { differences, gradientsOf, question } from "./compare.ts";
import { randomNets } from "./nets.ts";

const { values } = parseArgs({
  options: {
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
    nets: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
  },
});

/** The most difference, over the greatest number of its array. */
const BOUND = { float64: 1e-13, float32: 1e-4 } as const;

const found = spawnSync(values.python, ["-c", "import torch"], { encoding: "utf8" });
if (found.status !== 0) {
  console.log(`SKIPPED: ${values.python} has no torch: --python names a Python that has it`);
  process.exit(0);
}
const peer: ChildProcessWithoutNullStreams = spawn(values.python, [join(import.meta.dirname, "peer.py")]);
peer.stderr.pipe(process.stderr);
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const read = async () => {
  const { value, done } = await lines.next();
  if (done) throw new Error("PyTorch's side has ended");
  return JSON.parse(value);
};
const { version } = await read();

const nets = randomNets(Number(values.nets), Number(values.seed));
const engines = ENGINES.filter(({ missing }) => missing() === undefined);
let compared = 0;
let beyond = 0;
const worst = new Map<EngineName, Map<string, { readonly difference: number; readonly where: string }>>();
for (const { name: engine, floatBytes } of engines) {
  const kinds = new Map<string, { readonly difference: number; readonly where: string }>();
  worst.set(engine, kinds);
  for (const [k, net] of nets.entries()) {
    const ours = await gradientsOf(net, engine);
    peer.stdin.write(`${JSON.stringify(question(net, ours))}\n`);
    for (const [array, difference] of differences(ours, await read())) {
      compared++;
      const where = `net ${k} (${net.setup.loss.name}, ${net.setup.network.layers.join("-")}) ${array}`;
      const bound = floatBytes === 8 ? BOUND.float64 : BOUND.float32;
      if (!(difference <= bound)) {
        beyond++;
        console.error(`${engine}: ${where} differs by ${difference}, more than ${bound}`);
      }
      const kind = array.replace(/\d+$/, "");
      if (!((kinds.get(kind)?.difference ?? -1) >= difference)) kinds.set(kind, { difference, where });
    }
  }
}
peer.stdin.end();
console.log(`${nets.length} nets, seed ${values.seed}, PyTorch ${version} in float64; greatest differences:`);
for (const [engine, kinds] of worst)
  for (const [kind, { difference, where }] of kinds)
    console.log(`${engine.padEnd(18)} ${kind.padEnd(7)} ${difference.toExponential(1).padEnd(8)} ${where}`);
console.log(`${compared} arrays compared, ${beyond} beyond ${BOUND.float64} in float64 or ${BOUND.float32} in float32`);
process.exitCode = beyond > 0 ? 4 : 0;
