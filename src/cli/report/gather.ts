// Collects the contents of a report from a run's folder and its data.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { readBytes } from "../../data/disk-files.ts";
import { CATALOG, locateNamed } from "../../data/named/catalog.ts";
import { DeltapropError, InvalidInput } from "../../errors.ts";
import type { ReportData, ReportLine } from "../../files/report-page.ts";
import { loadModel, METRICS_FILE, openRunFolder } from "../../files/run/run-folder.ts";
import { type RunRecord, readEpochs } from "../../files/run/run-record.ts";
import { evaluate, valueMetrics } from "../../training/evaluate.ts";
import type { Model } from "../../training/model.ts";
import { hashOf } from "../../training/training-result.ts";
import { type DataFlags, type MachineFlags, roomOf } from "../command-options.ts";
import { loadTestRows } from "../inputs.ts";
import { recordedFlags } from "../recorded-flags.ts";
import { insightsOf } from "./insights.ts";
import { commandLines, configurationLines, figureLines, summaryOf } from "./lines.ts";
import { layerPictures } from "./pictures.ts";
import { worstAnswers, worstExamples } from "./worst.ts";

export type ReportFlags = DataFlags & MachineFlags & { readonly data?: string };

/** Raises InvalidInput where the folder holds no finished run, or one whose files do not belong together. */
export async function gather(folder: string, flags: ReportFlags): Promise<ReportData> {
  const record = await openRunFolder(folder);
  if (record.parametersSha256 === null) {
    const reason = "this run has not ended. `train --resume` resumes one that was interrupted.";
    throw new InvalidInput("RUN_NOT_ENDED", reason, { file: folder });
  }
  const { model, file } = await loadModel(folder);
  const parametersSha256 = await hashOf(model.parameters);
  if (record.parametersSha256 !== parametersSha256) {
    const reason = `run.json records a model whose parameters have SHA-256 ${record.parametersSha256}; these have ${parametersSha256}.`;
    throw new InvalidInput("BAD_RUN", reason, { file });
  }
  const metrics = join(folder, METRICS_FILE);
  const epochs = readEpochs(new TextDecoder().decode(await readBytes(metrics)), metrics);
  const { from, dataDir } = record.data;
  const own = record.data.parts?.test;
  const word = flags.data ?? own?.from ?? from;
  const found = await test(word, model, record, { ...flags, dataDir: flags.dataDir ?? dataDir ?? undefined });
  const fileSha256 = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  const hashes: ReportLine[] = [
    ["parameters", parametersSha256],
    ["model file", fileSha256],
    ["data", record.data.sha256],
  ];
  return {
    run: basename(resolve(folder)),
    summary: summaryOf(record, model),
    figures: figureLines(record, model),
    configuration: configurationLines(record, model),
    epochs,
    keptEpoch: record.keptEpoch,
    classes: model.classes,
    image: model.image ?? null,
    ...found,
    layers: layerPictures(model),
    hashes,
    commands: commandLines(record, model, folder, flags.data ?? basename(from)), // not where it lay on this machine
  };
}

/** The model on the test rows of its run, or the reason why they are missing. Data named by --data must be found. */
async function test(
  word: string,
  model: Model,
  record: RunRecord,
  flags: ReportFlags,
): Promise<Pick<ReportData, "tested" | "testedValues" | "insights" | "missing">> {
  const without = (reason: string) => ({ tested: null, insights: null, missing: `The data are not here: ${reason}` });
  const set = CATALOG.get(word);
  if (set && flags.dataDir === undefined && !(await locateNamed(word, set)))
    return without(`${word} is not in the cache, and a report downloads nothing. --data-dir says where it is.`);
  try {
    const { rows, which, source } = await loadTestRows(word, { ...recordedFlags(record.data), ...flags }, model);
    if (source.sha256 !== (record.data.parts?.test ?? record.data).sha256)
      return without("what is found under their name are other bytes.");
    if (model.loss) {
      const values = { on: which, metrics: await valueMetrics(model, rows, flags) };
      const testedValues = { ...values, worst: await worstAnswers(model, rows) };
      return { tested: null, testedValues, insights: null, missing: null };
    }
    const metrics = await evaluate(model, rows, { ...flags, room: roomOf(flags) });
    const tested = { on: which, metrics, worst: await worstExamples(model, rows) };
    return { tested, insights: await insightsOf(model, rows, flags), missing: null };
  } catch (error) {
    if (flags.data !== undefined || !(error instanceof DeltapropError)) throw error;
    return without(error.reason);
  }
}
