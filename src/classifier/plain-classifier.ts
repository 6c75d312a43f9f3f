// A saved model that answers and does nothing else: in plain loops, at once, with the bits of Classifier.
import { must } from "../errors.ts";
import { decodeModel } from "../files/model/model-file.ts";
import { decodeModelJson } from "../files/model/model-json.ts";
import { type Model, mustClassify } from "../training/model.ts";
import { type PlainForward, plainForward } from "../training/plain-predict.ts";
import { type Answer, type Answers, answersBy, collectAnswers } from "./answer.ts";
import { type InputRow, listRows, type ManyRows, RowReader } from "./row-input.ts";

/** What `load` and `fromJSON` of deltaprop/predict give: answers by name, without an engine. Nothing to close. */
export class PlainClassifier {
  /** Its parameters must not change. */
  readonly model: Model;
  readonly #reader: RowReader;
  readonly #forward: PlainForward;
  readonly #answer: (logits: ArrayLike<number>) => Answer;

  /** Use `load` or `fromJSON`, or pass a model, e.g. of `decodeModel`. */
  constructor(model: Model) {
    mustClassify(model, "a classifier");
    this.model = model;
    this.#reader = new RowReader(model);
    this.#forward = plainForward(model);
    this.#answer = answersBy(model);
  }

  /** C names, in class order. */
  get classes(): readonly string[] {
    return this.model.classes;
  }

  /** D names of the columns, where the data had them. */
  get columns(): readonly string[] | undefined {
    return this.model.featureNames;
  }

  /**
   * Label and probabilities of one row: D numbers as they are in the data (scaling is done here), or an object with a
   * number under each column's name, whose other keys are ignored. Raises InvalidInput.
   */
  predict(row: InputRow): Answer {
    this.#reader.write(row, this.#forward.input, "the row");
    return this.#answer(this.#forward.logits());
  }

  /** Labels and probabilities of many rows, at once: rows as `predict` takes them, or one typed array [n×D]. */
  predictMany(rows: ManyRows): Answers {
    const list = listRows(rows, this.model.network.layers[0]!);
    const { answers, add } = collectAnswers(this.model, list.length);
    list.forEach((row, i) => {
      this.#reader.write(row, this.#forward.input, `row ${i + 1}`);
      add(i, this.#forward.logits());
    });
    return answers;
  }
}

/** The classifier in the bytes of a safetensors file, e.g. of a `fetch`. Raises InvalidInput. */
export async function load(bytes: Uint8Array | ArrayBuffer): Promise<PlainClassifier> {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  must(view instanceof Uint8Array, "bytes", "the bytes of a model", bytes);
  return new PlainClassifier((await decodeModel(view)).model);
}

/** The classifier that `JSON.stringify` or `encodeModelJson` wrote: its text, or its value. Raises InvalidInput. */
export function fromJSON(json: unknown): PlainClassifier {
  return new PlainClassifier(decodeModelJson(json));
}
