// Sub-path deltaprop/files: tables and arrays to data sets, models to other programs' formats and back, in bytes or
// text. Everywhere; files by path are in node.ts.

export { type CsvSource, readCsv } from "./data/csv-source.ts";
export { datasetFromArrays, type LabelArray, type PairNames } from "./data/formats/arrays.ts";
export type { CsvOptions } from "./data/formats/csv.ts";
export type { Separator } from "./data/formats/csv-layout.ts";
export { type Idx, type IdxValues, readIdx } from "./data/formats/idx.ts";
export { type Npy, type NpyValues, readNpy } from "./data/formats/npy.ts";
export type { TableResult } from "./data/formats/table.ts";
export { encodeModule, type ModuleOptions } from "./files/export/js-module.ts";
export { MODULE_TYPES, moduleTypes } from "./files/export/js-types.ts";
export { encodeOnnx } from "./files/export/onnx.ts";
export type { ExportCheck } from "./files/model/metadata.ts";
export { decodeModel, encodeModel } from "./files/model/model-file.ts";
export { decodeModelJson, encodeModelJson } from "./files/model/model-json.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type Tensors,
  type TensorValues,
} from "./files/model/safetensors.ts";
export { type Checkpoint, decodeCheckpoint, type EpochLog, encodeCheckpoint } from "./files/run/checkpoint.ts";
export type { EpochRows, EpochSums, RunState } from "./training/run-state.ts";
