// What thread 0 of a rank exchanges with the other ranks, over the session's memory, which has the same offsets on
// all of them. Nothing is added up on the way: parts are put where they belong, so every sum keeps its order.
//
//   rows      z, a and δ of each layer, losses, predictions: rows of the batch, each from the rank that computed them
//   sums      in place of a and δ, where that is less: ∇θ from rank to rank, then from the last one to all
//   squares   where the gradient is clipped: sums of squares of the rows of ∇W, each from the rank that computed them
//   weights   W of each layer, by rows; biases need none: every rank computes all of them
//   end       what only its owner has: the optimizer's arrays and ∇W after a training, results of other jobs
import { SOFTMAX } from "../../network/losses.ts";
import type { Memory } from "../../network/memory.ts";
import { stepFlops } from "../../network/network.ts";
import { COEFFICIENTS, type Plan, type Span, type View } from "../../network/plan.ts";
import type { WeightPart } from "../../network/slices.ts";
import { fieldFloats, WARP_NUMBERS } from "../../network/warp.ts";
import { WORD } from "../control.ts";
import type { TeamJob } from "../team-job.ts";
import type { Exchange } from "../thread.ts";
import { gatheredRows } from "./exchanged.ts";
import { came, type Exchanges, type Mpi } from "./mpi-addon.ts";
import { compareBytes } from "./same-bytes.ts";
import { type Ranks, rowsOfRank, sumParts, weightParts, weightsOfRank } from "./shares.ts";
import { OPENING_S, patience } from "./time-limits.ts";

/** One matrix of an exchange: where the bytes lie that each rank has of it, and how many they are. */
type Segment = (rank: Ranks) => readonly [at: number, bytes: number];

/** An exchange that can begin once the stages, or the parts of W, before `end` are done. */
type Group = { readonly end: number; readonly number: number };

const SUMS = "sums of a step";
const WORTH_A_MESSAGE = 2 ** 16; // bytes that go before the step is done

export class MpiExchange implements Exchange {
  readonly #mpi: Mpi;
  readonly #ranks: Ranks;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #exchanges: Exchanges;
  readonly #parts: readonly WeightPart[];
  readonly #numbers = new Map<string, number>(); // of exchanges, by what they are
  readonly #rowsBy = new Map<number, readonly Group[]>(); // by rows of the batch
  #weightsBy: readonly Group[] | undefined;
  #begun = 0; //                                    groups under way
  readonly #limit: (computed: number) => number;
  #opened = false;
  #since = 0; //     when the last exchange ended
  #sumsLimit = 0; // seconds to wait for a part, in this step

  constructor(mpi: Mpi, ranks: Ranks, plan: Plan, memory: Memory) {
    this.#mpi = mpi;
    this.#ranks = ranks;
    this.#plan = plan;
    this.#memory = memory;
    this.#parts = weightParts(plan, ranks);
    this.#exchanges = mpi.open(memory.bytes);
    const { spans } = sumParts(plan, ranks);
    const places = spans.flatMap(({ offset, length }) => [plan.floatBytes * offset, plan.floatBytes * length]);
    if (ranks.sums) this.#exchanges.chain(Float64Array.from(places));
    this.#limit = patience(ranks.rank, stepFlops(plan.network, plan.batchSize));
  }

  begin(job: TeamJob): void {
    const { examples, coefficients, parameters, batchSize, draws } = this.#plan;
    const { loss, layers } = this.#plan.batch;
    const states = this.#kept;
    const first = !this.#opened;
    if (first || job.fresh?.includes("examples")) this.#takeExamples("data");
    this.#opened = true;
    // what the targets are made of, for a plain evaluation has others
    this.#broadcast(8 * examples.scale, 8 * examples.classes, "targets", first);
    this.#broadcast(8 * examples.shift, 8 * examples.classes, "targets", first);
    const numbers = loss.name === SOFTMAX.name ? 0 : 2 * layers.at(-1)!.output.cols;
    if (first) this.#broadcast(8 * loss.parameters, 8 * numbers, "the loss's numbers", true);
    const length = job.kind === "score" ? job.from + job.length : job.length;
    this.#broadcast(4 * examples.order, 4 * length, "the order of rows", first);
    if (draws) this.#broadcast(4 * draws.examples, 4 * length, "the numbers of examples", first);
    const steps = Math.ceil(length / batchSize);
    if (job.kind === "train") this.#take({ ...coefficients, length: COEFFICIENTS * steps }, "rates", first);
    const { warp, mix } = this.#plan.trained ?? {};
    const drawing = "epoch" in job && job.epoch > 0;
    for (const images of [warp, mix?.partners.warp])
      if (images && drawing)
        this.#take({ offset: images.numbers, length: WARP_NUMBERS * length }, "distortions", first);
    if (mix && drawing) {
      this.#broadcast(4 * mix.partners.order, 4 * length, "the partners of rows", first);
      this.#broadcast(8 * mix.shares, 8 * length, "the shares of partners", first);
    }
    if (warp && job.fresh?.includes("fields"))
      this.#take({ offset: warp.fields, length: 3 * fieldFloats(warp) }, "fields of distortion", true);
    if (job.fresh?.includes("parameters")) this.#take(parameters, "parameters", true);
    if (job.fresh?.includes("states")) for (const state of states) this.#take(state, "the optimizer's arrays", true);
    if (job.fresh && job.fresh.length > 0)
      compareBytes(this.#mpi, this.#ranks, this.#bytesOf(parameters), "parameters");
    this.#since = performance.now();
  }

  rowsSoFar(count: number, stages: number): void {
    this.#soFar(this.#rowGroups(count), stages, "rows of a step");
  }

  rows(count: number): void {
    this.#all(this.#rowGroups(count), "rows of a step");
  }

  losses(count: number): void {
    this.#run(`losses ${count}`, "losses of a step", () => this.#lossesOf(count));
  }

  takeSums(part: number): void {
    if (part === 0) this.#sumsLimit = this.#limit((performance.now() - this.#since) / 1000);
    came(this.#exchanges.take(part, this.#sumsLimit), SUMS, this.#sumsLimit);
  }

  passSums(part: number): void {
    came(this.#exchanges.pass(part), SUMS, 0);
  }

  sums(): void {
    this.takeSums(sumParts(this.#plan, this.#ranks).spans.length);
    this.#since = performance.now();
  }

  squares(): void {
    this.#run("squares", "sums of squares of gradients", () =>
      this.#parts.flatMap((part) => {
        const { squares } = this.#plan.batch.layers[part.layer]!;
        return squares ? [this.#weightsOf(squares, part, 0, 8)] : [];
      }),
    );
  }

  weightsSoFar(parts: number): void {
    this.#soFar(this.#weightGroups(), parts, "weights of a step");
  }

  weights(): void {
    this.#all(this.#weightGroups(), "weights of a step");
  }

  end(job: TeamJob): void {
    const { batch, evaluated, losses, predictions, parameters, gradients } = this.#plan;
    const states = this.#kept;
    const { length } = job;
    const blocks = (spans: readonly Span[]) =>
      spans.flatMap((block) =>
        this.#parts.map((part) => this.#weightsOf(batch.layers[part.layer]!.W, part, block.offset - parameters.offset)),
      );
    if (job.kind === "train") {
      const { optimizer } = job;
      if (!this.#ranks.sums)
        this.#run(`states ${optimizer}`, "the optimizer's arrays", () =>
          blocks(optimizer === "sgd" ? states : [...states, gradients]),
        );
      compareBytes(this.#mpi, this.#ranks, this.#bytesOf(parameters), "parameters");
    }
    if (job.kind === "gradients") this.#run("gradients", "gradients", () => blocks([gradients]));
    if (job.kind === "score") {
      const { output } = evaluated.layers.at(-1)!;
      this.#run(`logits ${length}`, "logits", () => [this.#rowsOf(output, length)]);
    }
    if (job.kind === "evaluate")
      this.#run(`results ${length}`, "losses and predictions", () => [
        this.#rowsOf({ ...column, offset: losses.offset }, length, 8),
        this.#rowsOf({ ...column, offset: predictions.offset }, length, 4),
      ]);
  }

  get #kept(): readonly Span[] {
    const { states, average } = this.#plan;
    return average ? [...states, average] : states;
  }

  /** The rows of a matrix of `count` rows that a rank has. */
  #rowsOf({ offset, stride }: Pick<View, "offset" | "stride">, count: number, bytes = this.#plan.floatBytes): Segment {
    return (rank) => {
      const [from, to] = rowsOfRank(count, rank);
      return spanOf(bytes * (offset + from * stride), bytes * (to - from) * stride);
    };
  }

  /** The rows of a part of a W, or of the matrix laid out like it in the block `shift` floats on, that a rank has. */
  #weightsOf(
    { offset, stride }: View,
    part: WeightPart,
    shift: number,
    bytes: number = this.#plan.floatBytes,
  ): Segment {
    return (rank) => {
      const [from, to] = weightsOfRank(part, rank);
      return spanOf(bytes * (offset + shift + from * stride), bytes * (to - from) * stride);
    };
  }

  /** Losses and predictions of a step, and rank 0's wish to stop. */
  #lossesOf(count: number): readonly Segment[] {
    const { batch, control } = this.#plan;
    const { losses, predictions } = batch;
    const wish = spanOf(4 * (control.offset + WORD.stopping), 4);
    return [
      this.#rowsOf(losses, count, 8),
      this.#rowsOf(predictions, count, 4),
      ({ rank }) => (rank === 0 ? wish : NOTHING),
    ];
  }

  /** The stages of a row pass of `count` rows, in groups that travel together. */
  #rowGroups(count: number): readonly Group[] {
    const known = this.#rowsBy.get(count);
    if (known) return known;
    const { batch } = this.#plan;
    const stages = gatheredRows(batch).map((views) => views.map((view) => this.#rowsOf(view, count)));
    stages[batch.layers.length - 1]!.push(...this.#lossesOf(count));
    const made = this.#grouped(stages);
    this.#rowsBy.set(count, made);
    return made;
  }

  #weightGroups(): readonly Group[] {
    this.#weightsBy ??= this.#grouped(
      this.#parts.map((part) => [this.#weightsOf(this.#plan.batch.layers[part.layer]!.W, part, 0)]),
    );
    return this.#weightsBy;
  }

  /** Consecutive pieces of some size as one exchange each: a small one costs as much as its message. */
  #grouped(pieces: readonly (readonly Segment[])[]): readonly Group[] {
    const groups: Group[] = [];
    let open: Segment[] = [];
    let bytes = 0;
    for (const [p, segments] of pieces.entries()) {
      open.push(...segments);
      for (const segment of segments)
        for (const rank of this.#ranks.threads.keys()) {
          bytes += segment({ ...this.#ranks, rank })[1];
        }
      if ((bytes < WORTH_A_MESSAGE || !this.#ranks.apart) && p + 1 < pieces.length) continue;
      groups.push({ end: p + 1, number: this.#register(open) });
      open = [];
      bytes = 0;
    }
    return groups;
  }

  /** Begin those of the groups that are done, and go on with those under way. */
  #soFar(groups: readonly Group[], done: number, what: string): void {
    for (; this.#begun < groups.length && groups[this.#begun]!.end <= done; this.#begun++)
      came(this.#exchanges.begin(groups[this.#begun]!.number), what, 0);
    if (this.#begun > 0) came(this.#exchanges.look(), what, 0);
  }

  #all(groups: readonly Group[], what: string): void {
    for (const { number } of groups.slice(this.#begun)) came(this.#exchanges.begin(number), what, 0);
    this.#begun = 0;
    this.#finish(what);
  }

  #finish(what: string): void {
    const seconds = this.#limit((performance.now() - this.#since) / 1000);
    came(this.#exchanges.finish(seconds), what, seconds);
    this.#since = performance.now();
  }

  /** Run the exchange `name`, registered with its segments when first used. */
  #run(name: string, what: string, segments: () => readonly Segment[]): void {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      const made = segments();
      if (made.length === 0) return;
      number = this.#register(made);
      this.#numbers.set(name, number);
    }
    came(this.#exchanges.begin(number), what, 0);
    this.#finish(what);
  }

  #register(segments: readonly Segment[]): number {
    return this.#exchanges.register(segments.length, Float64Array.from(segments.flatMap((one) => this.#partsOf(one))));
  }

  #partsOf(segment: Segment): number[] {
    const parts = this.#ranks.threads.map((_, rank) => segment({ ...this.#ranks, rank }));
    return [...parts.map(([from]) => from), ...parts.map(([from, to]) => to - from)];
  }

  #bytesOf({ offset, length }: Span): Uint8Array {
    const { floatBytes } = this.#plan;
    return this.#memory.bytes.subarray(floatBytes * offset, floatBytes * (offset + length));
  }

  /** Floats that rank 0 has. */
  #take({ offset, length }: Span, what: string, opening: boolean): void {
    const { floatBytes } = this.#plan;
    this.#broadcast(floatBytes * offset, floatBytes * length, what, opening);
  }

  #broadcast(at: number, length: number, what: string, opening: boolean): void {
    const seconds = opening ? OPENING_S : this.#limit(0);
    came(this.#mpi.broadcast(this.#memory.bytes.subarray(at, at + length), seconds), what, seconds);
  }

  /** Labels, targets and features, which lie side by side. */
  #takeExamples(what: string): void {
    const { rows, cols, form, features, labels } = this.#plan.examples;
    const end = (form === "bytes" ? 1 : this.#plan.floatBytes) * (features + rows * cols);
    this.#broadcast(4 * labels, end - 4 * labels, what, true);
    compareBytes(this.#mpi, this.#ranks, this.#memory.bytes.subarray(4 * labels, end), what);
  }
}

const spanOf = (from: number, length: number) => [from, from + length] as const;
const NOTHING = spanOf(0, 0);
const column = { stride: 1 };
