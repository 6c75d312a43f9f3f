// Compressed tables as formats of data sets: any table in .gz, and .zip with one table, or a train and a test one.
import { InvalidInput, show } from "../../errors.ts";
import { baseOf, type FileSet, hashing } from "../file-set.ts";
import { memoryFiles } from "../memory-files.ts";
import { begin, type Format, refuse } from "./format.ts";
import { gunzip, mostInflated, refuseBomb } from "./gunzip.ts";

const withoutGz = (path: string): string => path.replace(/\.gz$/i, "");
const formatIn = (tables: readonly Format[], path: string) => tables.find(({ matches }) => matches(baseOf(path)));

/** Each of `tables` with .gz behind its ending. */
export function gzipFormat(tables: readonly Format[]): Format {
  const inside = (base: string) => (/\.gz$/i.test(base) ? formatIn(tables, withoutGz(base)) : undefined);
  return {
    title: "any of these tables in .gz",
    matches: (base) => inside(base) !== undefined,
    find(files, paths) {
      const packed = new Map(paths.filter((path) => inside(path)).map((path) => [withoutGz(path), path]));
      for (const table of tables) {
        const found = table.find?.(files, [...packed.keys()]);
        if (found) return found.map((path) => packed.get(path)!);
      }
      return undefined;
    },
    async read(files, paths, options) {
      const format = inside(paths[0]!)!;
      const odd = paths.find((path) => inside(path) !== format);
      if (odd !== undefined)
        throw refuse(files, odd, "UNKNOWN_FORMAT", "two files of one data set must be of one kind.");
      const hashed = hashing(files); // of the compressed bytes
      const ending = new Map(paths.map((path) => [withoutGz(path), path]));
      const source = await format.read(unpacked(hashed, ending), [...ending.keys()], options);
      return { ...source, sha256: await hashed.digest() };
    },
  };
}

/** The files as they are without .gz; `packed` has their paths by the paths without it. */
function unpacked(files: FileSet, packed: ReadonlyMap<string, string>): FileSet {
  const shown = (path: string) => files.shown(packed.get(path) ?? path);
  const chunks = (path: string) => gunzip(files.chunks(packed.get(path) ?? path), shown(path));
  return {
    ...files,
    shown,
    chunks,
    async bytes(path, limits) {
      const parts: Uint8Array[] = [];
      for await (const piece of chunks(path)) parts.push(piece);
      const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      await limits?.check?.(bytes, bytes.length);
      return bytes;
    },
  };
}

/** An archive of one table, or of two that are the training and the test part by their names. */
export function zipFormat(tables: readonly Format[]): Format {
  return {
    title: "one of these tables in .zip",
    matches: (base) => /\.zip$/i.test(base),
    async read(files, [path, more], options) {
      if (more !== undefined) throw refuse(files, more, "UNKNOWN_FORMAT", "one archive at a time is read.");
      const hashed = hashing(files);
      const file = files.shown(path!);
      const [{ readZip }, bytes] = await Promise.all([
        import("./zip.ts"),
        hashed.bytes(path!, begin(files, path!, "BAD_ZIP")),
      ]);
      const entries = readZip(bytes, file);
      const { format, names } = tablesIn([...entries.keys()], tables, file);
      const inner = await Promise.all(
        names.map(async (name) => {
          const entry = entries.get(name)!;
          if (entry.size > mostInflated(bytes.length))
            throw refuseBomb(bytes.length, "BAD_ZIP", file, `entry ${show(name)}`);
          return { name: baseOf(name), bytes: await entry.read() };
        }),
      );
      const contents = { ...memoryFiles(inner), shown: (name: string) => `${file}/${name}` };
      const source = await format.read(
        contents,
        inner.map(({ name }) => name),
        options,
      );
      return { ...source, sha256: await hashed.digest() };
    },
  };
}

/** The table of an archive. A text beside another kind of table is taken for a description. */
function tablesIn(
  all: readonly string[],
  tables: readonly Format[],
  file: string,
): { readonly format: Format; readonly names: readonly string[] } {
  const seen = all.filter((name) => !name.endsWith("/") && !/(^|\/)(\.|__MACOSX\/)/.test(name));
  const known = seen.filter((name) => formatIn(tables, name));
  const better = known.filter((name) => !/\.txt$/i.test(name));
  const names = better.length > 0 ? better : known;
  const refused = (reason: string) => new InvalidInput("BAD_ZIP", reason, { file, at: "directory" });
  if (names.length === 0) throw refused(`the archive holds no table: ${show(seen)}. Unpack it.`);
  const format = formatIn(tables, names[0]!)!;
  if (names.length === 1) return { format, names };
  const byBase = new Map(names.map((name) => [baseOf(name), name]));
  const parts = tables.map((table) => table.find?.(memoryFiles([]), [...byBase.keys()])).find((found) => found);
  if (parts?.length === names.length) return { format, names: parts.map((base) => byBase.get(base)!) };
  throw refused(`the archive holds ${names.length} tables: ${show(names)}. Unpack it, and name one.`);
}
