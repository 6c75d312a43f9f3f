// Node only. The named sets: where their files are published, what they must be, and where this machine keeps them.
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { InvalidInput } from "../../errors.ts";
import type { Source } from "../dataset.ts";
import { diskFiles } from "../disk-files.ts";
import type { FileSet } from "../file-set.ts";
import { findIdxSet, readIdxSet } from "../formats/idx-format.ts";
import { type DownloadProgress, downloadFile, sha256OfFile } from "./download.ts";

type Published = { readonly file: string; readonly bytes: number; readonly sha256: string };

export type NamedSet = {
  readonly classes: readonly string[];
  readonly mirrors: readonly string[]; // each ends in a slash
  /** train images, train labels, test images, test labels */
  readonly files: readonly [Published, Published, Published, Published];
};

const published = (...files: readonly (readonly [bytes: number, sha256: string])[]): NamedSet["files"] =>
  [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
  ].map((file, k) => ({ file, bytes: files[k]?.[0], sha256: files[k]?.[1] })) as unknown as NamedSet["files"];

/**
 * SHA-256 and classes as torchvision lists them (prototype/datasets/_builtin/mnist.py); three of MNIST's, and the
 * uncompressed content of the fourth, were also computed from files. Sizes as the same lists and Keras' download logs
 * give them.
 */
export const CATALOG: ReadonlyMap<string, NamedSet> = new Map([
  [
    "mnist",
    {
      classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      mirrors: [
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
      ],
      files: published(
        [9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
        [28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"],
        [1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"],
        [4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"],
      ),
    },
  ],
  [
    "fashion-mnist",
    {
      classes: [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
      ],
      mirrors: [
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      ],
      files: published(
        [26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
        [29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"],
        [4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"],
        [5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"],
      ),
    },
  ],
  [
    "kmnist",
    {
      classes: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
      mirrors: ["https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
      files: published(
        [18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"],
        [29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"],
        [3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"],
        [5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"],
      ),
    },
  ],
]);

/** Where a named set comes from. */
export type NamedOptions = {
  /** The folder with its files, or with a folder of its name. Default: the cache, filled by a download. */
  readonly dataDir?: string | undefined;
  /** The cache's folder. Default: the system's, as `cacheFolder` finds it. */
  readonly cache?: string | undefined;
  /** Milliseconds a mirror may be silent, > 0. Default 30,000. */
  readonly patience?: number | undefined;
  /** Called while a file is downloaded. Default: none. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
};

/**
 * A named set: its files in `dataDir` (gzipped or not, as they are there) or in `dataDir/name`; without `dataDir` from
 * the cache, where missing files are downloaded and every file is held against its SHA-256 each time it is used.
 */
export async function readNamed(name: string, set: NamedSet, options: NamedOptions = {}): Promise<Source> {
  const { dataDir } = options;
  if (dataDir === undefined) {
    const folder = await fetchSet(name, set, options);
    const verified = set.files.map(({ file }) => file); // and no other file that may lie beside them
    return readIdxSet(diskFiles(folder), verified, name, set.classes);
  }
  const here = await lookInto(dataDir);
  const { files, found } = here.found.length > 0 ? here : await lookInto(join(dataDir, name)).catch(orElse(here));
  if (found.length === 4) return readIdxSet(files, found, name, set.classes);
  const missing = found.length > 0 ? "t10k-images-idx3-ubyte" : "train-images-idx3-ubyte";
  throw new InvalidInput("DATA_NOT_FOUND", `${missing} (or .gz) of ${name} is not in this folder.`, { file: dataDir });
}

/** `other` in place of a folder that is not there. */
const orElse =
  <T>(other: T) =>
  (error: Error): T => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return other;
    throw error;
  };

/** The IDX files in a folder that have the published names. */
async function lookInto(folder: string): Promise<{ files: FileSet; found: readonly string[] }> {
  const files = diskFiles(folder);
  const names = (await files.list("")).map((entry) => entry.name);
  return { files, found: findIdxSet(files, names) ?? [] };
}

/**
 * Paths of the four files of a named set that are on this machine already, in the order of its `files`; undefined where
 * one is not. Looks into `dataDir/name`, into `dataDir` itself where its name or the checksum of its training labels
 * says that they are of this set, and into the cache, where every file must have its SHA-256. Never downloads.
 */
export async function locateNamed(
  name: string,
  set: NamedSet,
  { dataDir, cache = cacheFolder() }: Pick<NamedOptions, "dataDir" | "cache"> = {},
): Promise<readonly string[] | undefined> {
  const look = async (folder: string) => {
    const { found } = await lookInto(folder).catch(() => ({ found: [] }));
    return found.length === 4 ? found.map((path) => join(folder, path)) : undefined;
  };
  const sums = set.files.map(({ sha256 }) => sha256);
  if (dataDir !== undefined) {
    const below = await look(join(dataDir, name));
    if (below) return below;
    const here = await look(dataDir);
    const named = basename(resolve(dataDir)) === name;
    if (here && (named || (await sha256OfFile(here[1]!)) === sums[1])) return here;
  }
  const kept = await look(join(cache, name));
  if (!kept) return undefined;
  for (const [k, path] of kept.entries()) if ((await sha256OfFile(path)) !== sums[k]) return undefined;
  return kept;
}

/** The folder in the cache, once all files are in it. */
async function fetchSet(name: string, set: NamedSet, { cache = cacheFolder(), patience, onProgress }: NamedOptions) {
  const folder = join(cache, name);
  for (const { file, bytes, sha256 } of set.files) {
    const to = join(folder, file);
    if ((await sha256OfFile(to)) === sha256) continue;
    await rm(to, { force: true });
    const urls = set.mirrors.map((mirror) => mirror + file);
    await downloadFile({ urls, to, bytes, sha256, onProgress, patience });
  }
  return folder;
}

/** Where this user's downloads are kept: $XDG_CACHE_HOME/deltaprop, else where the system keeps caches. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
  home = homedir(),
): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (xdg?.startsWith("/") || (xdg && platform === "win32")) return join(xdg, "deltaprop");
  if (platform === "win32") return join(local ?? join(home, "AppData", "Local"), "deltaprop", "cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "deltaprop");
  return join(home, ".cache", "deltaprop");
}
