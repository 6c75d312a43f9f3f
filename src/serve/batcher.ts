// Rows of requests that wait together ride in one forward pass. A batch leaves once no other request is on its
// way, and `batchMs` after its first row at the latest. Rows never meet in a forward pass, so whom a row rode with
// changes no bit of its answer.
import { FORWARD_ROWS, type Forward, openForward } from "../engines/forward.ts";
import type { Model } from "../training/model.ts";

/** When a batch leaves, and how many rows it takes. */
export type Batching = {
  /** Rows of a batch, at most; a request has no more. */
  readonly maxBatch: number;
  /** The longest that a row waits for others, in milliseconds. */
  readonly batchMs: number;
};

/** What a batch of `of` rows answers; those of a request begin at row `first`. */
export type Ridden<Answers> = { readonly answers: Answers; readonly first: number; readonly of: number };

type Rider<Answers> = {
  readonly inputs: Float32Array; // [n×D], scaled
  readonly rows: number;
  readonly answer: (ridden: Ridden<Answers>) => void;
  readonly fail: (error: unknown) => void;
};

/** How many batches of rows may wait. */
const WAITING = 16;

/** Requests that have begun and not yet said what they ask: a batch waits for them. */
export class Arrivals {
  #coming = 0;
  readonly #waiting = new Set<() => void>();

  get none(): boolean {
    return this.#coming === 0;
  }

  /** A request has begun. The function it returns says, once, that it has joined a batch or given up. */
  begin(): () => void {
    this.#coming++;
    let here = false;
    return () => {
      if (here) return;
      here = true;
      if (--this.#coming > 0) return;
      for (const leave of this.#waiting) leave();
      this.#waiting.clear();
    };
  }

  /** Call `leave` once no request is on its way. */
  whenNone(leave: () => void): void {
    this.#waiting.add(leave);
  }
}

/** The queue of one model. */
export class Batcher<Answers> {
  readonly #forward: Forward;
  readonly #batching: Batching;
  readonly #arrivals: Arrivals;
  readonly #read: (logits: Float64Array) => Answers;
  readonly #onBatch: (rows: number) => void;
  readonly #D: number;
  readonly #C: number;
  readonly #queue: Rider<Answers>[] = [];
  readonly #spare: Float32Array[] = []; // inputs of one row that have been answered
  #rows = 0; //          in the queue
  #running = false;
  #soon = false; //      it looks at the end of this turn of the event loop
  #timer: NodeJS.Timeout | undefined;

  /** `read` makes answers of the logits of a batch [n×C], row by row. */
  constructor(
    { network, parameters }: Pick<Model, "network" | "parameters">,
    batching: Batching,
    arrivals: Arrivals,
    read: (logits: Float64Array) => Answers,
    onBatch: (rows: number) => void = () => {},
  ) {
    this.#forward = openForward(network, parameters, Math.min(FORWARD_ROWS, batching.maxBatch));
    this.#batching = batching;
    this.#arrivals = arrivals;
    this.#read = read;
    this.#onBatch = onBatch;
    this.#D = network.layers[0]!;
    this.#C = network.layers.at(-1)!;
  }

  get engine(): string {
    return this.#forward.engine;
  }

  /** Rows that wait. */
  get waiting(): number {
    return this.#rows;
  }

  /** Whether `rows` more find no room; the caller then says when to come again. */
  full(rows: number): boolean {
    return this.#rows + rows > WAITING * this.#batching.maxBatch;
  }

  /** Memory for the inputs of a request, of any content. */
  room(rows: number): Float32Array {
    return (rows === 1 ? this.#spare.pop() : undefined) ?? new Float32Array(rows * this.#D);
  }

  /** The answers for scaled rows [n×D], which are the batcher's from here on. */
  ask(inputs: Float32Array, rows: number): Promise<Ridden<Answers>> {
    return new Promise((answer, fail) => {
      this.#queue.push({ inputs, rows, answer, fail });
      this.#rows += rows;
      this.#plan();
    });
  }

  /** Look once this turn of the event loop has read what it reads. */
  #plan(): void {
    if (this.#running || this.#soon || this.#queue.length === 0) return;
    this.#soon = true;
    setImmediate(() => this.#look());
  }

  #look(): void {
    this.#soon = false;
    if (this.#rows >= this.#batching.maxBatch || this.#arrivals.none) {
      void this.#run();
      return;
    }
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#run(), this.#batching.batchMs);
    this.#arrivals.whenNone(() => this.#plan());
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running) return;
    const riders = this.#take();
    if (riders.length === 0) return;
    this.#running = true;
    try {
      await this.#answer(riders);
    } catch (error) {
      for (const rider of riders) rider.fail(error);
    } finally {
      this.#running = false;
      this.#plan();
    }
  }

  /** Their rows one behind another; nobody is answered before all are computed. */
  async #answer(riders: readonly Rider<Answers>[]): Promise<void> {
    const [D, C] = [this.#D, this.#C];
    const n = riders.reduce((sum, { rows }) => sum + rows, 0);
    const logits = new Float64Array(n * C);
    this.#onBatch(n);
    let [rider, row] = [0, 0]; // whose row is next
    await this.#forward.each(
      n,
      (_, input) => {
        const { inputs, rows } = riders[rider]!;
        input.set(rows === 1 ? inputs : inputs.subarray(row * D, (row + 1) * D));
        if (++row < rows) return;
        rider++;
        row = 0;
      },
      (i, z) => logits.set(z, i * C),
    );
    const answers = this.#read(logits);
    let first = 0;
    for (const { inputs, rows, answer } of riders) {
      if (rows === 1 && this.#spare.length < FORWARD_ROWS) this.#spare.push(inputs);
      answer({ answers, first, of: n });
      first += rows;
    }
  }

  /** The first riders that a batch has room for. */
  #take(): Rider<Answers>[] {
    let [n, rows] = [0, 0];
    while (n < this.#queue.length && rows + this.#queue[n]!.rows <= this.#batching.maxBatch)
      rows += this.#queue[n++]!.rows;
    this.#rows -= rows;
    return this.#queue.splice(0, n);
  }
}
