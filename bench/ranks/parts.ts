// What ranks of a training step of 784-H-H-H-10 give each other, as numbers: for exchanges that are measured alone,
// here and in other languages.

import type { Mpi } from "../../src/engines/ranks/mpi-addon.ts";
import { MpiExchange } from "../../src/engines/ranks/mpi-exchange.ts";
import { viewMemory } from "../../src/network/memory.ts";
import { planSession } from "../../src/network/plan.ts";
import { networkOf } from "../work.ts";

/** Bytes of a memory, and for each exchange of a step and each matrix in it R starts and R lengths, in bytes. */
export type StepParts = { readonly bytes: number; readonly exchanges: readonly (readonly (readonly number[])[])[] };

/** Those of a session of `ranks` ranks of one thread on one machine: rows of a and δ, then rows of W. */
export function stepParts(H: number, B: number, ranks: number): StepParts {
  const sizes = { network: networkOf({ H, B }), batchSize: B, states: 0, capacity: B, rows: B } as const;
  const plan = planSession({ ...sizes, form: "bytes", divisor: 255, soft: false }, 4);
  const exchanges: number[][][] = [];
  const register = (segments: number, parts: Float64Array) => {
    exchanges.push(Array.from({ length: segments }, (_, s) => [...parts.subarray(2 * ranks * s, 2 * ranks * (s + 1))]));
    return exchanges.length - 1;
  };
  const nothing = () => 0;
  const mpi = { open: () => ({ register, begin: nothing, look: nothing, finish: nothing }) } as unknown as Mpi;
  const team = { rank: 0, threads: Array.from({ length: ranks }, () => 1) };
  const exchange = new MpiExchange(mpi, team, plan, viewMemory(new SharedArrayBuffer(plan.bytes), 4));
  exchange.rows(B);
  exchange.weights();
  return { bytes: plan.bytes, exchanges };
}

/** As the programs of bench/peers read it. */
export const partsText = ({ bytes, exchanges }: StepParts): string =>
  `${[bytes, ...exchanges.map((matrices) => [matrices.length, ...matrices.flat()].join(" "))].join("\n")}\n`;
