// The data of a set-up, read once and then kept: by name, or from dropped files.
import type { Source } from "../../data/dataset.ts";
import { drawPlanar, isPlanar } from "../../data/planar/planar.ts";
import { InvalidInput } from "../../errors.ts";
import type { Model } from "../../training/model.ts";
import { type ReadingChoices, readingIn, readOptions } from "../state/reading.ts";
import { lossSetting, type StudioSetup } from "../state/setup.ts";
import { isModel, readData, readDropped } from "./dropped-data.ts";
import type { GivenFile } from "./protocol.ts";
import { fetchNamed } from "./setup-data.ts";

/** The data, the model to start from if one was dropped, and the files that they came from. */
export type Loaded = {
  readonly data: StudioSetup["data"];
  readonly source: Source;
  readonly model: Model | undefined;
  readonly modelName: string; // of the model's file; "" without one
  readonly files: readonly GivenFile[];
  readonly choices: ReadingChoices; // that they were read with
};

/** The data and model of `setup` and `files`; those of `known` are not read again. Raises InvalidInput. */
export async function load(
  setup: StudioSetup,
  files: readonly GivenFile[],
  known: Loaded | undefined,
  base: string,
): Promise<Loaded> {
  const choices = readingIn(setup);
  const given = files.length > 0 ? await readDropped(files, choices) : {};
  const named = files.find(isModel)?.name;
  if (given.source)
    return { data: "file", source: given.source, model: given.model, modelName: named ?? "", files, choices };
  const model = given.model ?? known?.model;
  const modelName = named ?? known?.modelName ?? "";
  if (isPlanar(setup.data)) {
    const { data: set, noise, points, features } = setup;
    const source = await drawPlanar({ set, noise, points, features });
    return { data: set, source, model: given.model, modelName: named ?? "", files, choices };
  }
  if (known?.data === setup.data) {
    const data = known.files.filter((file) => !isModel(file));
    const kept = given.model ? [...data, ...files] : known.files;
    const same = setup.data !== "file" || JSON.stringify(known.choices) === JSON.stringify(choices);
    const source = same ? known.source : await readData(data, readOptions(choices));
    return { ...known, source, choices, model, modelName, files: kept };
  }
  if (setup.data === "file")
    throw new InvalidInput("DATA_NOT_FOUND", "this set-up was made with a file of its visitor's. Drop that file here.");
  const source = await fetchNamed(setup.data, base);
  return { data: setup.data, source, model, modelName, files: given.model ? files : [], choices };
}

/** A dropped model is where the run starts, until the visitor chooses other layers or another loss. */
export function modelFor(setup: StudioSetup, { model }: Loaded, files: readonly GivenFile[]): Model | undefined {
  const { layers, activation, layerNorm = false, residual = false } = model?.network ?? {};
  const same = `${layers?.slice(1, -1)}` === `${setup.hidden}` && `${activation}` === `${setup.activation}`;
  const loss = model?.loss ? lossSetting(model.loss) : "";
  const between = layerNorm === setup.layerNorm && residual === setup.residual;
  return files.length > 0 || (same && between && loss === setup.loss) ? model : undefined;
}
