// A session over more rows than its memory holds. The rows of a call's order are read some at a time into a session of
// so many rows, in the order in which its steps use them: a step finds the same rows as with all in memory, so its bits
// are the same. While threads compute on some rows, the next are read.
import { EnvironmentFailure, InvalidInput, must } from "../errors.ts";
import { checkLoss, lossTask, SOFTMAX } from "../network/losses.ts";
import type { BatchArrays, Floats } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import { COEFFICIENTS } from "../network/plan.ts";
import { WARP_NUMBERS } from "../network/warp.ts";
import {
  type DrawnRows,
  type EngineName,
  type FeatureRows,
  type Features,
  isRows,
  type OnProgress,
  type Session,
  type Setup,
  type StepResults,
} from "./engine.ts";
import { mixesAt } from "./mixes.ts";
import { checkOrder } from "./prepare.ts";
import type { TeamSession } from "./session.ts";
import { inTurns } from "./turns.ts";

const COPIES = 4; //  of a window: in the session, the next one, and what that is made of
export const BESIDE = 12; // bytes of a row for its number, label and place in the order, which stay in memory
const LEAST = 8; //   of the room, an eighth is for windows however many rows there are
const WINDOWS = 4; // of a call that has many: its order and results take 28 bytes a row

/** The rows that a session of this setup holds at once, whole batches of them; undefined where all fit. */
export function windowOf(setup: Setup): number | undefined {
  const { features, network, batchSize } = setup;
  if (!isRows(features)) return undefined;
  const { room = features.room } = setup;
  if (room === undefined) return undefined;
  const bytes = network.layers[0]! * (features.form === "bytes" ? 1 : 4);
  const beside = BESIDE + (setup.targets?.byteLength ?? 0) / features.rows;
  if (features.rows * (bytes + beside) <= room) return undefined;
  const allowed = !setup.exampleNorms && !setup.clipping;
  if (!allowed && setup.room === undefined) return undefined;
  must(allowed, "room", "left out for these rows: norms of examples and clipping need them all in memory", room);
  const left = Math.max(room / LEAST, room - beside * features.rows);
  const batches = Math.max(1, Math.floor(left / (COPIES * bytes * batchSize)));
  return Math.min(features.rows, batches * batchSize);
}

const classifies = ({ loss = SOFTMAX }: Setup) => lossTask(checkLoss(loss)) === "classify";

/** Numbers of a target row. */
const targetWidth = ({ targets, features }: Setup): number => targets!.length / (features as FeatureRows).rows;

/** The setup of the session that holds a window of rows: none of them yet. */
export function windowSetup(setup: Setup, window: number): Setup {
  const { network, targets } = setup;
  const { form } = setup.features as FeatureRows;
  const D = network.layers[0]!;
  const features: FeatureRows = {
    rows: window,
    form,
    *gathering({ length }) {
      yield;
      return form === "bytes" ? new Uint8Array(length * D) : new Float32Array(length * D);
    },
  };
  const weightedTargets = setup.weightedTargets || classifies(setup); // so that blank rows need no sum of 1
  const blank = targets && { targets: new Float32Array(window * targetWidth(setup)), weightedTargets };
  return { ...setup, features, room: undefined, labels: undefined, capacity: window, ...blank };
}

/** The draws of a window's rows, which are those of the examples in it and not of their places. */
function drawnAt(draws: DrawnRows | undefined, order: Uint32Array, at: number, count: number): DrawnRows | undefined {
  if (draws === undefined) return undefined;
  const { epoch, examples = order, warps, mixes: all } = draws;
  const mixes = all && mixesAt(all, at, count);
  const numbers = warps?.numbers.subarray(at * WARP_NUMBERS, (at + count) * WARP_NUMBERS);
  return { epoch, examples: examples.slice(at, at + count), warps: warps && { ...warps, numbers: numbers! }, mixes };
}

export class PagedSession implements Session {
  readonly engine: EngineName;
  readonly network: Network;
  readonly batchSize: number;
  readonly floatBytes: 4 | 8;
  readonly #inner: TeamSession;
  readonly #rows: FeatureRows;
  readonly #setup: Setup;
  readonly #window: number;
  #calls = 0; //                                  under way or queued
  #last: Promise<unknown> = Promise.resolve(); // the newest call
  #losses = new Float64Array(0); //               of the last order, by position
  #at = 0; //                                     the position of the window's first row
  #closed = false;

  /** `inner` is of windowSetup. */
  constructor(inner: TeamSession, setup: Setup, window: number) {
    this.engine = inner.engine;
    this.network = inner.network;
    this.batchSize = inner.batchSize;
    this.floatBytes = inner.floatBytes;
    this.#inner = inner;
    this.#setup = setup;
    this.#rows = setup.features as FeatureRows;
    this.#window = window;
  }

  readonly ranks = 1;

  get rowsACall(): number {
    return WINDOWS * this.#window;
  }

  get threads(): number {
    return this.#inner.threads;
  }

  readParameters(): Floats {
    this.#guardRest();
    return this.#inner.readParameters();
  }

  writeParameters(packed: Floats): void {
    this.#guardRest();
    this.#inner.writeParameters(packed);
  }

  readStates(): readonly Floats[] {
    this.#guardRest();
    return this.#inner.readStates();
  }

  writeStates(states: readonly Floats[]): void {
    this.#guardRest();
    this.#inner.writeStates(states);
  }

  setExample(): void {
    throw new InvalidInput("INVALID_ARGUMENT", "setExample needs a session that holds all rows: leave `room` out.");
  }

  async examples(): Promise<never> {
    throw new InvalidInput(
      "INVALID_ARGUMENT",
      "norms of examples need a session that holds all rows: leave `room` out.",
    );
  }

  async noisyStep(): Promise<never> {
    throw new InvalidInput("INVALID_ARGUMENT", "noise needs a session that holds all rows: leave `room` out.");
  }

  async train(
    order: Uint32Array,
    coefficients: Float64Array,
    onProgress?: OnProgress,
    draws?: DrawnRows,
  ): Promise<StepResults> {
    const rows = this.#checked(order, this.#setup.capacity ?? this.#rows.rows);
    const B = this.batchSize;
    const steps = Math.ceil(rows.length / B);
    const expected = `${steps} steps of ${COEFFICIENTS} numbers`;
    must(coefficients.length === steps * COEFFICIENTS, "coefficients", expected, coefficients.length);
    const numbers = coefficients.slice();
    let wanted = true;
    return this.#byWindows(rows, async (some, at) => {
      if (!wanted) return undefined;
      const from = at / B;
      const of = numbers.subarray(from * COEFFICIENTS, (from + Math.ceil(some.length / B)) * COEFFICIENTS);
      const onStep = (done: number) => {
        wanted = onProgress?.(from + done) !== false && wanted;
        return wanted;
      };
      const results = await this.#inner.train(some, of, onStep, drawnAt(draws, rows, at, some.length));
      return results.stoppedAt < 0 ? results : { ...results, stoppedAt: from + results.stoppedAt };
    });
  }

  async evaluate(order: Uint32Array, options: { readonly plain?: boolean } = {}): Promise<StepResults> {
    const rows = this.#checked(order, this.#setup.capacity ?? this.#rows.rows);
    return this.#byWindows(rows, (some) => this.#inner.evaluate(some, options));
  }

  async logits(order: Uint32Array): Promise<Floats> {
    const rows = this.#checked(order, this.#setup.capacity ?? this.#rows.rows);
    const C = this.network.layers.at(-1)!;
    const out = this.floatBytes === 4 ? new Float32Array(rows.length * C) : new Float64Array(rows.length * C);
    await this.#byWindows(rows, async (some, at) => {
      out.set(await this.#inner.logits(some), at * C);
      return { losses: new Float64Array(some.length), predictions: new Int32Array(some.length), stoppedAt: -1 };
    });
    return out;
  }

  async gradients(order: Uint32Array, draws?: DrawnRows): Promise<StepResults & BatchArrays> {
    const rows = this.#checked(order, this.batchSize);
    let found: (StepResults & BatchArrays) | undefined;
    const work = async (some: Uint32Array, at: number) =>
      (found = await this.#inner.gradients(some, drawnAt(draws, rows, at, some.length)));
    await this.#byWindows(rows, work);
    return found!;
  }

  arrays(rows?: number): BatchArrays {
    this.#guardRest();
    return this.#inner.arrays(rows);
  }

  readLosses(from: number, to: number): Float64Array {
    this.#guardOpen();
    const out = this.#losses.slice(from, to);
    if (to > this.#at) {
      const first = Math.max(from, this.#at);
      out.set(this.#inner.readLosses(first - this.#at, to - this.#at), first - from);
    }
    return out;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Read an order's rows window by window, and have each worked on: `work` is given their numbers in the window and the
   * position of the first; undefined ends the call. Calls run one after another.
   */
  #byWindows(
    order: Uint32Array,
    work: (rows: Uint32Array, at: number) => Promise<StepResults | undefined>,
  ): Promise<StepResults> {
    return this.#queued(async () => {
      const losses = new Float64Array(order.length);
      const predictions = new Int32Array(order.length);
      this.#losses = losses;
      let next = this.#read(order, 0);
      for (let at = 0; at < order.length; at += this.#window) {
        const rows = order.subarray(at, at + this.#window);
        this.#inner.placeRows(0, await next, this.#labelsOf(rows), this.#targetsOf(rows));
        this.#at = at;
        const working = work(
          rows.map((_, i) => i),
          at,
        );
        next = this.#read(order, at + this.#window);
        const results = await working;
        const done = at + (results?.losses.length ?? 0);
        losses.set(results?.losses ?? [], at);
        predictions.set(results?.predictions ?? [], at);
        const whole = done === at + rows.length && results!.stoppedAt < 0;
        if (!whole)
          return {
            losses: losses.slice(0, done),
            predictions: predictions.slice(0, done),
            stoppedAt: results?.stoppedAt ?? -1,
          };
      }
      return { losses, predictions, stoppedAt: -1 }; // readLosses reads the same
    });
  }

  /** The features of a window's rows from position `at` on; none past the end of the order. */
  #read(order: Uint32Array, at: number): Promise<Features> {
    const rows = order.subarray(at, at + this.#window);
    const read = rows.length === 0 ? Promise.resolve(new Uint8Array(0)) : inTurns(this.#rows.gathering(rows));
    read.catch(() => {}); // where it is awaited it rejects; work that fails before leaves it alone
    return read;
  }

  #labelsOf(rows: Uint32Array): Int32Array | undefined {
    const { labels } = this.#setup;
    return labels && Int32Array.from(rows, (row) => labels[row]!);
  }

  #targetsOf(rows: Uint32Array): Floats | undefined {
    const { targets } = this.#setup;
    if (targets === undefined) return undefined;
    const width = targetWidth(this.#setup);
    const out = new Float64Array(rows.length * width);
    for (const [i, row] of rows.entries()) out.set(targets.subarray(row * width, (row + 1) * width), i * width);
    return out;
  }

  #queued<R>(work: () => Promise<R>): Promise<R> {
    this.#calls++;
    const result = this.#last.then(async () => {
      try {
        this.#guardOpen();
        return await work();
      } finally {
        this.#calls--;
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  #checked(order: Uint32Array, limit: number): Uint32Array {
    this.#guardOpen();
    checkOrder(order, limit, this.#rows.rows);
    return order.slice();
  }

  #guardOpen(): void {
    if (this.#closed) throw new EnvironmentFailure("SESSION_CLOSED", "this session was closed; open a new one.");
  }

  #guardRest(): void {
    this.#guardOpen();
    if (this.#calls > 0)
      throw new InvalidInput("SESSION_BUSY", "this session has a call under way. Await it, then ask again.");
  }
}
