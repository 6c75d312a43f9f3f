// Where an engine's kernels come from. Sessions, thread teams, slices and barriers are the same for every backend.
import type { Kernels } from "../gradients/kernels.ts";
import type { Memory } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import type { KernelPlan, Plan } from "../network/plan.ts";
import type { EngineName, KernelChoices } from "./engine.ts";

/** Memory that a thread can be handed: a buffer, or the WebAssembly memory around one. */
export type Store = ArrayBuffer | SharedArrayBuffer | WebAssembly.Memory;

/** The buffer of a store. Without `instanceof`: some places have no WebAssembly. */
export const bufferOf = (store: Store): ArrayBuffer | SharedArrayBuffer => ("buffer" in store ? store.buffer : store);

/** A thread's number in its team and the team's size. Each thread has its own part of the plan's scratch. */
export type Rank = { readonly thread: number; readonly threads: number };

export interface Backend {
  readonly name: EngineName;
  readonly floatBytes: 4 | 8;
  /** Why it cannot run here, or undefined if it can. */
  missing(): string | undefined;
  /** What it runs on here, in a few words, e.g. the instruction set. Called only where nothing is missing. */
  about(): string;
  /** Its tables of kernels here, where it has several. */
  tables?(): KernelChoices;
  /** Why "fused" arithmetic cannot run here; a backend without this member never fuses. */
  missingFused?(): string | undefined;
  /** Private bytes each thread needs for batches of at most `rows` rows; 0 if none. */
  scratchBytes(network: Network, rows: number): number;
  /** Zeroed memory of at least `bytes`; `shared` when workers will use it. */
  allocate(bytes: number, shared: boolean): Store;
  /**
   * The kernels over `memory`, which views `store`. Called once in every thread. `sent`: in a job of several ranks,
   * whose other processes read what these write.
   */
  kernels(store: Store, memory: Memory, plan: Plan, rank: Rank, sent?: boolean): Promise<Kernels>;
  /**
   * The same kernels without a promise, for one thread. Undefined, or no member, where this platform makes them only in
   * the background (a browser's main thread may refuse to compile WebAssembly at once). `finite`: every weight is, and
   * stays so; terms of 0 may then be left out.
   */
  kernelsAtOnce?(store: Store, memory: Memory, plan: KernelPlan, finite: boolean): Kernels | undefined;
}
