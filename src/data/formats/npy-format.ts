// NPY files as a format of data sets: X….npy with its labels y….npy, and perhaps X_test.npy with y_test.npy.
import { pairFormat } from "./pair-format.ts";

export const NPY = pairFormat({
  title: "arrays X….npy and their labels y….npy",
  code: "BAD_NPY",
  matches: (base) => /\.npy$/i.test(base),
  features: /^x/i,
  labelsOf: (base) => (base.startsWith("x") ? [`y${base.slice(1)}`] : undefined),
  misnamed: "an array of features must be called X….npy, so that its labels y….npy can be found beside it.",
  testOf: (base) => (/^x(_train)?\.npy$/.test(base) ? ["x_test.npy"] : []),
  decode: async (bytes, file) => (await import("./npy.ts")).readNpy(bytes, file),
});
