// The models of a server by name. A newer one takes the place of its namesake at once; requests that the older one
// has begun to answer keep it.

import { pictureFormOf } from "../classifier/picture-row.ts";
import { show } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { columnsOf, type Model } from "../training/model.ts";
import { Arrivals, type Batching } from "./batcher.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { ServedModel } from "./served-model.ts";

export class ServedModels {
  readonly arrivals = new Arrivals();
  readonly #batching: Batching;
  readonly #onBatch: (model: string, rows: number) => void;
  readonly #byName = new Map<string, ServedModel>();

  constructor(batching: Batching, onBatch: (model: string, rows: number) => void) {
    this.#batching = batching;
    this.#onBatch = onBatch;
  }

  /** Serve `model` under this name, warm, instead of the one before. */
  put(name: string, model: Model): ServedModel {
    const version = String(Number(this.#byName.get(name)?.version ?? 0) + 1);
    const report = (rows: number) => this.#onBatch(name, rows);
    const served = new ServedModel(name, version, model, this.#batching, this.arrivals, report);
    this.#byName.set(name, served);
    return served;
  }

  get all(): readonly ServedModel[] {
    return [...this.#byName.values()];
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The model of this name; without one the only model. Raises HttpRefusal 404. */
  get(name: string | undefined, version?: string): ServedModel {
    const served = name === undefined ? this.#only() : this.#byName.get(name);
    if (served === undefined) {
      const which = name === undefined ? "Several models are served: name one" : `There is no model ${show(name)}`;
      throw new HttpRefusal(404, `${which}. GET /models has their names.`);
    }
    if (version !== undefined && version !== served.version)
      throw new HttpRefusal(
        404,
        `Model ${show(served.name)} has no version ${show(version)}; it is at ${served.version}.`,
      );
    return served;
  }

  #only(): ServedModel | undefined {
    const [first, second] = this.#byName.values();
    return second ? undefined : first;
  }
}

/** What a person or a page needs to know to ask a model. */
export function describe({ name, version, model, maxRows }: ServedModel) {
  const { classes, trainedOn } = model;
  const form = pictureFormOf(model);
  const named = model.featureNames !== undefined || model.scaling.kind === "columns";
  return {
    name,
    version,
    classes,
    answers: model.loss === undefined ? "classes" : lossTask(model.loss) === "multilabel" ? "labels" : "numbers",
    rowsAtOnce: maxRows,
    columns: columnsOf(model).map((column) => ({ name: column.name, kind: column.kind, levels: column.levels })),
    named,
    picture: form && !named ? { width: form.width, height: form.height, color: form.color, invert: form.invert } : null,
    trainedOn: trainedOn?.name ?? null,
  };
}
