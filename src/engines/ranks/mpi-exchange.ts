// What thread 0 of a rank exchanges with the other ranks, over the session's memory, which has the same offsets on
// all of them. Nothing is added up on the way: parts are put where they belong, so every sum keeps its order.
//
//   rows      z, a and δ of each layer, losses, predictions: rows of the batch, each from the rank that computed them
//   squares   where the gradient is clipped: sums of squares of the rows of ∇W, each from the rank that computed them
//   weights   W of each layer, by rows; biases need none: every rank computes all of them
//   end       what only its owner has: the optimizer's arrays and ∇W after a training, results of other jobs
import { EnvironmentFailure } from "../../errors.ts";
import type { Memory } from "../../network/memory.ts";
import { stepFlops } from "../../network/network.ts";
import { COEFFICIENTS, type Plan, type Span, type View } from "../../network/plan.ts";
import { WORD } from "../control.ts";
import type { TeamJob } from "../team-job.ts";
import type { Exchange } from "../thread.ts";
import { came, type Exchanges, type Mpi } from "./mpi-addon.ts";
import { type Ranks, rowsOfRank, weightsOfRank } from "./shares.ts";
import { OPENING_S, patience } from "./time-limits.ts";

/** One matrix of an exchange: the bytes [from, to) that each rank has of it. */
type Segment = (rank: Ranks) => readonly [from: number, to: number];

export class MpiExchange implements Exchange {
  readonly #mpi: Mpi;
  readonly #ranks: Ranks;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #exchanges: Exchanges;
  readonly #numbers = new Map<string, number>(); // of exchanges, by what they are
  readonly #limit: (computed: number) => number;
  #opened = false;
  #since = 0; // when the last exchange ended

  constructor(mpi: Mpi, ranks: Ranks, plan: Plan, memory: Memory) {
    this.#mpi = mpi;
    this.#ranks = ranks;
    this.#plan = plan;
    this.#memory = memory;
    this.#exchanges = mpi.open(memory.bytes);
    this.#limit = patience(ranks.rank, stepFlops(plan.network, plan.batchSize));
  }

  begin(job: TeamJob): void {
    const { examples, coefficients, parameters, batchSize, draws } = this.#plan;
    const states = this.#kept;
    const first = !this.#opened;
    if (first || job.fresh?.includes("examples")) this.#takeExamples("data");
    this.#opened = true;
    // what the targets are made of, for a plain evaluation has others
    this.#broadcast(8 * examples.scale, 8 * examples.classes, "targets", first);
    this.#broadcast(8 * examples.shift, 8 * examples.classes, "targets", first);
    const length = job.kind === "score" ? job.from + job.length : job.length;
    this.#broadcast(4 * examples.order, 4 * length, "the order of rows", first);
    if (draws) this.#broadcast(4 * draws.examples, 4 * length, "the numbers of examples", first);
    const steps = Math.ceil(length / batchSize);
    if (job.kind === "train") this.#take({ ...coefficients, length: COEFFICIENTS * steps }, "rates", first);
    if (job.fresh?.includes("parameters")) this.#take(parameters, "parameters", true);
    if (job.fresh?.includes("states")) for (const state of states) this.#take(state, "the optimizer's arrays", true);
    if (job.fresh && job.fresh.length > 0) this.#compare(this.#bytesOf(parameters), "parameters");
    this.#since = performance.now();
  }

  rows(count: number): void {
    const { batch, control } = this.#plan;
    const { layers, losses, predictions, inputDelta } = batch;
    const inputs = inputDelta ? [inputDelta] : [];
    this.#run(`rows ${count}`, "rows of a step", () => [
      ...layers
        .flatMap(({ output, passed, delta }) => [output, delta, ...(passed ? [passed] : [])])
        .map((view) => this.#rowsOf(view, count)),
      ...inputs.map((view) => this.#rowsOf(view, count)),
      this.#rowsOf(losses, count, 8),
      this.#rowsOf(predictions, count, 4),
      ({ rank }) => (rank === 0 ? spanOf(4 * (control.offset + WORD.stopping), 4) : NOTHING),
    ]);
  }

  squares(): void {
    this.#run("squares", "sums of squares of gradients", () =>
      this.#plan.batch.layers.flatMap(({ squares }) => (squares ? [this.#weightsOf(squares, 0, 8)] : [])),
    );
  }

  weights(): void {
    this.#run("weights", "weights of a step", () => this.#plan.batch.layers.map(({ W }) => this.#weightsOf(W, 0)));
  }

  end(job: TeamJob): void {
    const { batch, evaluated, losses, predictions, parameters, gradients } = this.#plan;
    const states = this.#kept;
    const { length } = job;
    const blocks = (spans: readonly Span[]) =>
      spans.flatMap((block) => batch.layers.map(({ W }) => this.#weightsOf(W, block.offset - parameters.offset)));
    if (job.kind === "train") {
      const { optimizer } = job;
      this.#run(`states ${optimizer}`, "the optimizer's arrays", () =>
        blocks(optimizer === "sgd" ? states : [...states, gradients]),
      );
      this.#compare(this.#bytesOf(parameters), "parameters");
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

  /** The rows of a W, or of the matrix laid out like it in the block `shift` floats on, that a rank has. */
  #weightsOf({ offset, rows, stride }: View, shift: number, bytes: number = this.#plan.floatBytes): Segment {
    return (rank) => {
      const [from, to] = weightsOfRank(rows, rank);
      return spanOf(bytes * (offset + shift + from * stride), bytes * (to - from) * stride);
    };
  }

  /** Run the exchange `name`, registered with its segments when first used. */
  #run(name: string, what: string, segments: () => readonly Segment[]): void {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      const made = segments();
      if (made.length === 0) return;
      number = this.#exchanges.register(made.length, Float64Array.from(made.flatMap((one) => this.#partsOf(one))));
      this.#numbers.set(name, number);
    }
    const seconds = this.#limit((performance.now() - this.#since) / 1000);
    came(this.#exchanges.run(number, seconds), what, seconds);
    this.#since = performance.now();
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
    this.#compare(this.#memory.bytes.subarray(4 * labels, end), what);
  }

  /** Raises EnvironmentFailure unless every rank has the same bytes. */
  #compare(bytes: Uint8Array, what: string): void {
    const { createHash } = process.getBuiltinModule("node:crypto");
    const own = createHash("sha256").update(bytes).digest();
    const { rank, threads } = this.#ranks;
    const all = new Uint8Array(own.length * threads.length);
    all.set(own, own.length * rank);
    came(this.#mpi.share(all, OPENING_S), `hashes of ${what}`, OPENING_S);
    const hashes = threads.map((_, q) =>
      Buffer.from(all.subarray(own.length * q, own.length * (q + 1))).toString("hex"),
    );
    const other = hashes.findIndex((hash) => hash !== hashes[0]);
    if (other < 0) return;
    const reason = `rank ${other} has other ${what} than rank 0 (SHA-256 ${hashes[other]}, ${hashes[0]}): a machine or the network between them changed bits`;
    throw new EnvironmentFailure("RANKS_DIFFER", reason);
  }
}

const spanOf = (from: number, length: number) => [from, from + length] as const;
const NOTHING = spanOf(0, 0);
const column = { stride: 1 };
