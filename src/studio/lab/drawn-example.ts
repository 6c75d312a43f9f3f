// What the network says to a drawing, and lessons from one: a session of its own for a single example, given the run's parameters.
import type { Session } from "../../engines/engine.ts";
import { chooseEngine } from "../../engines/registry.ts";
import { must, NumericalStop } from "../../errors.ts";
import { type Floats, readView } from "../../network/memory.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../training/optimizer.ts";
import { hashOf } from "../../training/training-result.ts";
import type { DrawnView, Standing, TaughtExample } from "./protocol.ts";

const ONLY = Uint32Array.of(0);
const MOST_UNDONE = 32; // lessons that can be taken back

export class Drawn {
  readonly #run: Session;
  #own: Promise<Session> | undefined; // opened when something is drawn
  readonly #rate: number;
  readonly #lessons: { readonly before: Floats; readonly after: Floats }[] = [];
  #taught: number;

  /** For what `run` is shown; a lesson's step is `rate` long; `taught`: lessons that the parameters hold already. */
  constructor(run: Session, rate: number, taught = 0) {
    [this.#run, this.#rate, this.#taught] = [run, rate, taught];
  }

  /** What the run's network says to `pixels`, and how each pixel moves class `about` (the predicted one if not given). */
  async look(pixels: Uint8Array, about?: number): Promise<DrawnView> {
    const own = await this.#opened();
    own.writeParameters(this.#run.readParameters());
    return lookIn(own, pixels, about);
  }

  /** θ ← θ − rate·∇θ for this example alone, in the run's parameters. The run's own optimizer and its state have no part in it. */
  async teach(pixels: Uint8Array, label: number): Promise<TaughtExample> {
    const before = this.#run.readParameters();
    const saidBefore = await this.look(pixels, label);
    const own = await this.#opened();
    const { stoppedAt } = await own.train(
      ONLY,
      optimizerCoefficients(OPTIMIZER_DEFAULTS, Float64Array.of(this.#rate), 1),
    );
    const after = own.readParameters();
    if (stoppedAt >= 0 || !after.every(Number.isFinite))
      throw new NumericalStop("NOT_FINITE", "this lesson would make the parameters infinite; a smaller rate may help.");
    const saidAfter = await lookIn(own, pixels, label);
    this.#run.writeParameters(after);
    this.#lessons.push({ before, after });
    if (this.#lessons.length > MOST_UNDONE) this.#lessons.shift();
    this.#taught++;
    return { before: saidBefore, after: saidAfter, standing: await this.standing() };
  }

  /** Take the last lesson back: the very parameters from before it. */
  async unteach(): Promise<Standing> {
    must(this.#undoable(), "the last lesson", "the last thing that changed the parameters", "a run that has gone on");
    this.#run.writeParameters(this.#lessons.pop()!.before);
    this.#taught--;
    return this.standing();
  }

  get taught(): number {
    return this.#taught;
  }

  async standing(): Promise<Standing> {
    const parametersSha256 = await hashOf(Float32Array.from(this.#run.readParameters()));
    return { parametersSha256, taught: this.taught, undoable: this.#undoable() };
  }

  async close(): Promise<void> {
    await (await this.#own)?.close();
  }

  #opened(): Promise<Session> {
    const { network, examples } = this.#run.plan;
    must(examples.form === "bytes", "the data", "images of bytes", examples.form, "Open the digits to draw.");
    this.#own ??= chooseEngine(this.#run.engine).open({
      ...{ network, batchSize: 1, threads: 1, inputDelta: true, divisor: examples.divisor },
      ...{ features: new Uint8Array(examples.cols), labels: Int32Array.of(0) },
    });
    return this.#own;
  }

  /** Whether the parameters are, to the bit, those after the last lesson. */
  #undoable(): boolean {
    const now = this.#run.readParameters();
    return this.#lessons.at(-1)?.after.every((w, i) => Object.is(w, now[i])) ?? false;
  }
}

/** Probabilities first, as `about` may be the predicted class; then the way back for that class. */
async function lookIn(own: Session, pixels: Uint8Array, about?: number): Promise<DrawnView> {
  const { plan, memory } = own;
  put(own, pixels, 0);
  const { classes, probabilities } = softmaxRows(await own.logits(ONLY), plan.examples.classes);
  const predicted = classes[0]!;
  put(own, pixels, about ?? predicted);
  const { losses } = await own.gradients(ONLY);
  const inputDelta = Float32Array.from(readView(memory.floats, plan.batch.inputDelta!));
  return { probabilities, predicted, about: about ?? predicted, loss: losses[0]!, inputDelta };
}

/** The drawing as row 0 of the session's data, which nobody else reads. */
function put({ plan: { examples }, memory }: Session, pixels: Uint8Array, label: number): void {
  must(pixels.length === examples.cols, "pixels", `${examples.cols} bytes`, pixels.length);
  must(label >= 0 && label < examples.classes, "label", `a class in [0, ${examples.classes})`, label);
  memory.bytes.set(pixels, examples.features);
  memory.integers[examples.labels] = label;
}
