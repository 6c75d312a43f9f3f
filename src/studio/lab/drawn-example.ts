// What the network says to a drawing, and lessons from one: a session of its own for a single example, given the run's parameters.
import type { Session } from "../../engines/engine.ts";
import { chooseEngine } from "../../engines/registry.ts";
import { must, NumericalStop } from "../../errors.ts";
import type { Floats } from "../../network/memory.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import type { sessionFeatures } from "../../training/model.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../training/optimizer.ts";
import { hashOf } from "../../training/training-result.ts";
import type { DrawnView, Standing, TaughtExample } from "./protocol.ts";

const ONLY = Uint32Array.of(0);
const MOST_UNDONE = 32; // lessons that can be taken back

/** Features of one example as the session takes them. */
type DrawnForm = ReturnType<typeof sessionFeatures>;

export class Drawn {
  readonly #run: Session;
  #own: Promise<Session> | undefined; // opened when something is drawn
  readonly #row: DrawnForm;
  readonly #rate: number;
  readonly #lessons: { readonly before: Floats; readonly after: Floats }[] = [];
  #taught: number;

  /** `run`'s network; `row` is any row of its data, for its form. A lesson's step is `rate` long; the parameters hold `taught` already. */
  constructor(run: Session, row: DrawnForm, rate: number, taught = 0) {
    [this.#run, this.#row, this.#rate, this.#taught] = [run, row, rate, taught];
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
    const { features, divisor } = this.#row;
    const form = features instanceof Uint8Array ? "bytes" : "floats";
    must(form === "bytes", "the data", "images of bytes", form, "Open the digits to draw.");
    this.#own ??= chooseEngine(this.#run.engine).open({
      network: this.#run.network,
      batchSize: 1,
      threads: 1,
      inputDelta: true,
      divisor,
      features: new Uint8Array(features.length),
      labels: Int32Array.of(0),
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
  own.setExample(0, pixels, 0);
  const { classes, probabilities } = softmaxRows(await own.logits(ONLY), own.network.layers.at(-1)!);
  const predicted = classes[0]!;
  own.setExample(0, pixels, about ?? predicted);
  const { losses, inputDelta } = await own.gradients(ONLY);
  return {
    probabilities,
    predicted,
    about: about ?? predicted,
    loss: losses[0]!,
    inputDelta: Float32Array.from(inputDelta!),
  };
}
