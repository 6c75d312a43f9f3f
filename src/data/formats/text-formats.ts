// ARFF, LIBSVM and JSON files as formats of data sets.
import { tableFormat } from "./table-format.ts";

export const ARFF = tableFormat({
  title: "tables in .arff",
  endings: [".arff"],
  inFolders: [".arff"],
  async decode(files, path, options) {
    return (await import("./arff.ts")).readArff(files.chunks(path), options);
  },
});

export const LIBSVM = tableFormat({
  title: "tables in .libsvm, .svm or .svmlight",
  endings: [".libsvm", ".svm", ".svmlight"],
  inFolders: [".libsvm", ".svm", ".svmlight"],
  async decode(files, path, options) {
    const [{ readLibsvm }, { decodeText }] = await Promise.all([import("./libsvm.ts"), import("./decode-text.ts")]);
    const text = decodeText(files.chunks(path), { ...options, code: "BAD_LIBSVM" });
    return readLibsvm(text, options);
  },
});

export const JSON_TABLE = tableFormat({
  title: "tables in .json, .jsonl or .ndjson",
  endings: [".json", ".jsonl", ".ndjson"],
  inFolders: [".json", ".jsonl", ".ndjson"],
  async decode(files, path, options) {
    const { readJson, readJsonLines } = await import("./json-table.ts");
    return (/\.json$/i.test(path) ? readJson : readJsonLines)(files.chunks(path), options);
  },
});
