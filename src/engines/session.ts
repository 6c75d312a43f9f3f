// A session for any backend: parameters in and out, orders in, results out. Who runs a job is left to two makers: this
// thread (local-session.ts) and a pool of workers (pool.ts).
import { EnvironmentFailure, InvalidInput, must } from "../errors.ts";
import type { Optimizer } from "../gradients/kernels.ts";
import {
  type BatchArrays,
  emptyLike,
  type Floats,
  type Memory,
  packBlock,
  readArrays,
  readView,
  unpackBlock,
} from "../network/memory.ts";
import { type Network, parameterCount } from "../network/network.ts";
import { COEFFICIENT, COEFFICIENTS, type Plan, type Span } from "../network/plan.ts";
import type { ClassIndices } from "../network/targets.ts";
import { checkedDraws } from "./checked-draws.ts";
import type { DrawnRows, EngineName, Features, OnProgress, Session, Setup, StepResults, Warps } from "./engine.ts";
import { placeMixes } from "./mixes.ts";
import { checkOrder, type Prepared } from "./prepare.ts";
import type { TeamJob, TeamResult } from "./team-job.ts";

export abstract class TeamSession implements Session {
  readonly engine: EngineName;
  readonly network: Network;
  readonly batchSize: number;
  readonly floatBytes: 4 | 8;
  abstract readonly threads: number;
  readonly ranks: number = 1;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #optimizer: Optimizer;
  #calls = 0; //                                  under way or queued
  #last: Promise<unknown> = Promise.resolve(); // the newest call
  #closed = false;
  #fields: Floats | undefined; //                 those in the memory

  constructor(engine: EngineName, { plan, memory }: Prepared, setup: Pick<Setup, "optimizer">) {
    this.engine = engine;
    this.network = plan.network;
    this.batchSize = plan.batchSize;
    this.floatBytes = plan.floatBytes;
    this.#plan = plan;
    this.#memory = memory;
    this.#optimizer = setup.optimizer ?? "sgd";
  }

  /** Have every thread of the team do `job`. */
  protected abstract run(job: TeamJob, onProgress?: OnProgress): Promise<TeamResult>;

  readParameters(): Floats {
    this.#guardRest();
    return packBlock(this.#plan, this.#memory.floats, this.#plan.parameters);
  }

  writeParameters(packed: Floats): void {
    this.#guardRest();
    this.#write(packed, "parameters", this.#plan.parameters);
  }

  readStates(): readonly Floats[] {
    this.#guardRest();
    return this.#kept.map((state) => packBlock(this.#plan, this.#memory.floats, state));
  }

  writeStates(states: readonly Floats[]): void {
    this.#guardRest();
    const blocks = this.#kept;
    must(states.length === blocks.length, "states", `${blocks.length} arrays for this optimizer`, states.length);
    states.forEach((packed, s) => {
      this.#write(packed, `states[${s}]`, blocks[s]!);
    });
  }

  /** The optimizer's arrays, then the mean of θ where it is planned. */
  get #kept(): readonly Span[] {
    const { states, average } = this.#plan;
    return average ? [...states, average] : states;
  }

  setExample(row: number, features: Features, label: number, targets?: Floats): void {
    this.#guardRest();
    const { form, rows, cols, classes, soft } = this.#plan.examples;
    must(Number.isInteger(row) && row >= 0 && row < rows, "row", `an integer in [0, ${rows})`, row);
    must(features.length === cols, "features", `${cols} ${form === "bytes" ? "bytes" : "numbers"}`, features.length);
    must(features instanceof Uint8Array === (form === "bytes"), "features", `${form}, as the data are`, features);
    must(Number.isInteger(label) && label >= 0 && label < classes, "label", `a class in [0, ${classes})`, label);
    const wanted = soft === undefined ? "left out: this session has class labels alone" : `${classes} numbers`;
    must(targets === undefined || (soft !== undefined && targets.length === classes), "targets", wanted, targets);
    const own = Float64Array.from({ length: classes }, (_, c) => (targets ? targets[c]! : Number(c === label)));
    this.placeRows(row, features, Int32Array.of(label), soft === undefined ? undefined : own);
  }

  /** Replace rows from `first` on, unchecked: features as the data have them, labels and, if there are any, targets. */
  placeRows(first: number, features: Features, labels: ClassIndices | undefined, targets: Floats | undefined): void {
    const { form, cols, classes, features: place, labels: classOf, soft } = this.#plan.examples;
    (form === "bytes" ? this.#memory.bytes : this.#memory.floats).set(features, place + first * cols);
    if (labels) this.#memory.integers.set(labels, classOf + first);
    if (targets && soft !== undefined) this.#memory.floats.set(targets, soft + first * classes);
  }

  async train(
    order: Uint32Array,
    coefficients: Float64Array,
    onProgress?: OnProgress,
    draws?: DrawnRows,
  ): Promise<StepResults> {
    const rows = this.#checked(order, this.#plan.capacity);
    const steps = Math.ceil(rows.length / this.batchSize);
    const expected = `${steps} steps of ${COEFFICIENTS} numbers`;
    must(coefficients.length === steps * COEFFICIENTS, "coefficients", expected, coefficients.length);
    const numbers = coefficients.slice();
    const drawn = checkedDraws(this.#plan, draws, rows);
    must(drawn !== undefined || !this.#plan.trained, "draws", "given, as the setup has a warp or mixes rows", draws);
    return this.#queued(async () => {
      this.#place(rows);
      const epoch = this.#placeDraws(drawn);
      this.#memory.floats.set(numbers, this.#plan.coefficients.offset);
      const job = { kind: "train", length: rows.length, optimizer: this.#optimizer, from: 0, epoch } as const;
      const { done, stoppedAt } = await this.run(job, onProgress);
      return this.#withNorms(this.#results(Math.min(rows.length, done * this.batchSize), stoppedAt));
    });
  }

  async noisyStep(order: Uint32Array, coefficients: Float64Array, noise: Floats, deviation: number) {
    const empty = order.length === 0;
    const rows = this.#checked(empty ? new Uint32Array(1) : order, this.batchSize);
    const { clipping, coefficients: place } = this.#plan;
    must(clipping !== undefined, "the session", "opened with clipping", "one without");
    must(coefficients.length === COEFFICIENTS, "coefficients", `${COEFFICIENTS} numbers`, coefficients.length);
    must(deviation >= 0 && Number.isFinite(deviation), "deviation", "a finite number ≥ 0", deviation);
    return this.#queued(async () => {
      this.#place(rows);
      this.#memory.floats.set(coefficients, place.offset);
      this.#memory.floats[clipping!.factor + COEFFICIENT.rate] = -deviation;
      this.#write(noise, "noise", clipping!.noise);
      const job = { kind: "noisy", length: rows.length, optimizer: this.#optimizer, empty } as const;
      const { stoppedAt } = await this.run(job);
      return this.#withNorms(this.#results(empty || stoppedAt >= 0 ? 0 : rows.length, stoppedAt));
    });
  }

  async evaluate(order: Uint32Array, { plain = false } = {}): Promise<StepResults> {
    const rows = this.#checked(order, this.#plan.capacity);
    return this.#queued(async () => {
      this.#place(rows);
      const restore = plain ? this.#setPlainTargets() : undefined;
      try {
        await this.run({ kind: "evaluate", length: rows.length });
      } finally {
        restore?.();
      }
      return this.#results(rows.length);
    });
  }

  async examples(order: Uint32Array): Promise<StepResults> {
    const rows = this.#checked(order, this.#plan.capacity);
    return this.#queued(async () => {
      this.#place(rows);
      await this.run({ kind: "examples", length: rows.length });
      return this.#withNorms(this.#results(rows.length));
    });
  }

  async logits(order: Uint32Array): Promise<Floats> {
    const rows = this.#checked(order, this.#plan.capacity);
    return this.#queued(async () => {
      this.#place(rows);
      const view = this.#plan.evaluated.layers.at(-1)!.output;
      const out = emptyLike(this.#memory.floats, rows.length * view.cols);
      for (let from = 0; from < rows.length; from += view.rows) {
        const length = Math.min(view.rows, rows.length - from);
        await this.run({ kind: "score", from, length });
        out.set(readView(this.#memory.floats, { ...view, rows: length }), from * view.cols);
      }
      return out;
    });
  }

  async gradients(order: Uint32Array, draws?: DrawnRows): Promise<StepResults & BatchArrays> {
    const rows = this.#checked(order, this.batchSize);
    const drawn = checkedDraws(this.#plan, draws, rows);
    return this.#queued(async () => {
      this.#place(rows);
      const epoch = this.#placeDraws(drawn);
      await this.run({ kind: "gradients", length: rows.length, epoch });
      const results = this.#withNorms(this.#results(rows.length));
      return { ...results, ...readArrays(this.#plan, this.#memory, rows.length) };
    });
  }

  arrays(rows = this.batchSize): BatchArrays {
    this.#guardRest();
    const B = this.batchSize;
    must(Number.isInteger(rows) && rows >= 1 && rows <= B, "rows", `an integer in [1, ${B}]`, rows);
    return readArrays(this.#plan, this.#memory, rows);
  }

  readLosses(from: number, to: number): Float64Array {
    this.#guardOpen();
    const { offset } = this.#plan.losses;
    return this.#memory.doubles.slice(offset + from, offset + to);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  protected get closed(): boolean {
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Run `work` once every earlier call has ended: calls share the memory of the order and of its results. */
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
    this.#last = result.catch(() => {}); // the call itself rejects; the next one starts all the same
    return result;
  }

  /** A copy of an order of at most `limit` rows: the caller may reuse its array while the call waits. */
  #checked(order: Uint32Array, limit: number): Uint32Array {
    this.#guardOpen();
    checkOrder(order, limit, this.#plan.examples.rows);
    return order.slice();
  }

  #place(order: Uint32Array): void {
    this.#memory.integers.set(order, this.#plan.examples.order);
  }

  /** Returns the epoch, 0 without draws. */
  #placeDraws(drawn: Required<DrawnRows> | undefined): number {
    if (drawn && this.#plan.draws) this.#memory.integers.set(drawn.examples!, this.#plan.draws.examples);
    if (drawn?.warps) this.#placeWarps(drawn.warps);
    if (drawn?.mixes) placeMixes(this.#memory, this.#plan.trained!, drawn.mixes);
    return drawn?.epoch ?? 0;
  }

  #placeWarps({ numbers, fields }: Warps): void {
    const warp = this.#plan.trained!.warp!;
    this.#memory.floats.set(numbers, warp.numbers);
    if (this.#fields === fields) return;
    this.#memory.floats.set(fields, warp.fields);
    this.#fields = fields;
    this.fieldsPlaced();
  }

  /** Called when the fields in the memory are others than before. */
  protected fieldsPlaced(): void {}

  /** Copies of the first `length` results. */
  #results(length: number, stoppedAt = -1): StepResults {
    const { losses, predictions } = this.#plan;
    const { doubles, integers } = this.#memory;
    return {
      losses: doubles.slice(losses.offset, losses.offset + length),
      predictions: integers.slice(predictions.offset, predictions.offset + length),
      stoppedAt,
    };
  }

  /** With the norms of the same rows, where they are planned: of a job whose row pass went down to δ^1. */
  #withNorms(results: StepResults): StepResults {
    const { norms, network } = this.#plan;
    if (norms === undefined) return results;
    const length = results.losses.length * (network.layers.length - 1);
    return { ...results, norms: this.#memory.doubles.slice(norms.offset, norms.offset + length) };
  }

  /** t = y, without smoothing and class weights; the function returned puts both back. */
  #setPlainTargets(): () => void {
    const { scale, shift, classes } = this.#plan.examples;
    const { doubles } = this.#memory;
    const [scales, shifts] = [doubles.slice(scale, scale + classes), doubles.slice(shift, shift + classes)];
    doubles.fill(1, scale, scale + classes);
    doubles.fill(0, shift, shift + classes);
    return () => {
      doubles.set(scales, scale);
      doubles.set(shifts, shift);
    };
  }

  #write(packed: Floats, what: string, block: Span): void {
    const count = parameterCount(this.network) + (this.#plan.batch.front?.scale.cols ?? 0);
    must(packed.length === count, what, `${count} numbers`, packed.length, "Do the layer sizes agree?");
    unpackBlock(this.#plan, this.#memory.floats, block, packed);
  }

  #guardOpen(): void {
    if (this.#closed) throw new EnvironmentFailure("SESSION_CLOSED", "this session was closed; open a new one.");
  }

  /** For what happens at once and so cannot wait its turn. */
  #guardRest(): void {
    this.#guardOpen();
    if (this.#calls > 0)
      throw new InvalidInput("SESSION_BUSY", "this session has a call under way. Await it, then ask again.");
  }
}
