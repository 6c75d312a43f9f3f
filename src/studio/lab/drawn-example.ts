// The network's prediction for a drawing, and taught steps on it: a session of its own for one example, given the run's
// parameters.
import type { Session } from "../../engines/engine.ts";
import { chooseEngine } from "../../engines/registry.ts";
import { must, NumericalStop } from "../../errors.ts";
import type { Floats } from "../../network/memory.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import type { sessionFeatures } from "../../training/model.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../training/optimizer.ts";
import { hashOf } from "../../training/training-result.ts";
import type { DrawingView, ParameterStatus, TaughtExample } from "./protocol.ts";

const ROW = Uint32Array.of(0); // the session's only row
const MOST_UNDONE = 32; //        taught steps that can be undone

type SessionFeatures = ReturnType<typeof sessionFeatures>;

export class DrawnExample {
  readonly #run: Session;
  #own: Promise<Session> | undefined; // opened for the first drawing
  readonly #row: SessionFeatures;
  readonly #rate: number;
  readonly #steps: { readonly before: Floats; readonly after: Floats }[] = []; // of the newest taught steps
  #taught: number;

  /**
   * For the network of `run`. `row`: any row of its data, of which only the type and length matter. `rate`: of a taught
   * step. `taught`: such steps that the parameters already hold.
   */
  constructor(run: Session, row: SessionFeatures, rate: number, taught = 0) {
    this.#run = run;
    this.#row = row;
    this.#rate = rate;
    this.#taught = taught;
  }

  /**
   * The prediction for `pixels`, with loss and pixel gradient of `targetClass`: the predicted class if not given.
   * `temperature`: of the probabilities.
   */
  async predict(pixels: Uint8Array, targetClass?: number, temperature?: number): Promise<DrawingView> {
    const session = await this.#session();
    session.writeParameters(this.#run.readParameters());
    return predictIn(session, pixels, targetClass, temperature);
  }

  /** θ ← θ − rate·∇θ of this example alone, in the run's parameters. The run's optimizer and its state are not used. */
  async teach(pixels: Uint8Array, label: number): Promise<TaughtExample> {
    const parametersBefore = this.#run.readParameters();
    const before = await this.predict(pixels, label);
    const session = await this.#session();
    const coefficients = optimizerCoefficients(OPTIMIZER_DEFAULTS, Float64Array.of(this.#rate), 1);
    const { stoppedAt } = await session.train(ROW, coefficients);
    const parametersAfter = session.readParameters();
    if (stoppedAt >= 0 || !parametersAfter.every(Number.isFinite))
      throw new NumericalStop("NOT_FINITE", "this lesson would make the parameters infinite; a smaller rate may help.");
    const after = await predictIn(session, pixels, label);
    this.#apply(parametersBefore, parametersAfter);
    return { before, after, status: await this.status() };
  }

  /** Set one parameter by hand; undone as a taught step is. */
  async setParameter(index: number, value: number): Promise<ParameterStatus> {
    must(Number.isFinite(Math.fround(value)), "the weight", "a finite number", value);
    const before = this.#run.readParameters();
    const after = before.slice();
    after[index] = value;
    this.#apply(before, after);
    return this.status();
  }

  /** Undo the last taught step: the parameters before it, bit for bit. Raises InvalidInput after another step. */
  async undo(): Promise<ParameterStatus> {
    must(this.#undoable(), "the last lesson", "the last thing that changed the parameters", "a run that has gone on");
    this.#run.writeParameters(this.#steps.pop()!.before);
    this.#taught--;
    return this.status();
  }

  get taught(): number {
    return this.#taught;
  }

  async status(): Promise<ParameterStatus> {
    const parametersSha256 = await hashOf(Float32Array.from(this.#run.readParameters()));
    return { parametersSha256, taught: this.taught, undoable: this.#undoable() };
  }

  async close(): Promise<void> {
    await (await this.#own)?.close();
  }

  #apply(before: Floats, after: Floats): void {
    this.#run.writeParameters(after);
    this.#steps.push({ before, after });
    if (this.#steps.length > MOST_UNDONE) this.#steps.shift();
    this.#taught++;
  }

  #session(): Promise<Session> {
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

  /** Whether the parameters are, bit for bit, those after the last taught step. */
  #undoable(): boolean {
    const now = this.#run.readParameters();
    return this.#steps.at(-1)?.after.every((w, i) => Object.is(w, now[i])) ?? false;
  }
}

/** Forward first, as the target may be the predicted class; then backward for the target. */
async function predictIn(
  session: Session,
  pixels: Uint8Array,
  targetClass?: number,
  temperature?: number,
): Promise<DrawingView> {
  session.setExample(0, pixels, 0);
  const { classes, probabilities } = softmaxRows(
    await session.logits(ROW),
    session.network.layers.at(-1)!,
    temperature,
  );
  const predicted = classes[0]!;
  const target = targetClass ?? predicted;
  session.setExample(0, pixels, target);
  const { losses, inputDelta } = await session.gradients(ROW);
  return {
    probabilities,
    predicted,
    targetClass: target,
    loss: losses[0]!,
    inputDelta: Float32Array.from(inputDelta!),
  };
}
