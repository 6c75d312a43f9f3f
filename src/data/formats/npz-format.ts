// NPZ archives as a format of data sets.
import { hashing, stemOf } from "../file-set.ts";
import { dataWarnings } from "../warnings.ts";
import { begin, type Format, refuse } from "./format.ts";

export const NPZ: Format = {
  title: "archives of arrays in .npz",
  code: "BAD_NPZ",
  matches: (base) => /\.npz$/i.test(base),
  async read(files, [path, more], { name = stemOf(path!), classes, pictures, arrays, task }) {
    if (more !== undefined) throw refuse(files, more, "UNKNOWN_FORMAT", "one archive at a time is read.");
    const hashed = hashing(files);
    const [{ readNpz }, bytes] = await Promise.all([
      import("./npz.ts"),
      hashed.bytes(path!, begin(files, path!, "BAD_NPZ")),
    ]);
    const { warnings, ...parts } = await readNpz(bytes, {
      name,
      file: files.shown(path!),
      classes,
      pictures,
      arrays,
      task,
    });
    return { name, ...parts, sha256: await hashed.digest(), warnings: [...warnings, ...dataWarnings(parts.train)] };
  },
  readFeatures: async (bytes, file, _, arrays) => (await import("./npz.ts")).readNpzFeatures(bytes, file, arrays),
};
