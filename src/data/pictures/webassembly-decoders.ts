// JPEG and WebP by libjpeg (MozJPEG) and libwebp, as WebAssembly of @jsquash/jpeg and @jsquash/webp: the same bits on
// every machine, in memory of their own that is dropped with the instance.
import { badPicture, declaredSize, type PictureKind } from "./header.ts";
import type { Picture } from "./picture-form.ts";

/** What Emscripten's module has for us. */
type Codec = {
  decode(
    bytes: Uint8Array,
    ...byOrientation: readonly boolean[]
  ): { width: number; height: number; data: Uint8ClampedArray } | null;
};
type Settings = {
  readonly noInitialRun: true;
  readonly print: (words: string) => void;
  readonly printErr: (words: string) => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
};
type Factory = (settings: Settings) => Promise<Codec>;

/** Addresses of the WebAssembly: of a checkout here; a build puts the files beside its other packages' code. */
const FILES = {
  JPEG: new URL("../../../node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm", import.meta.url),
  WebP: new URL("../../../node_modules/@jsquash/webp/codec/dec/webp_dec.wasm", import.meta.url),
};
const FACTORIES: Readonly<Record<keyof typeof FILES, () => Promise<Factory>>> = {
  JPEG: async () => (await import("@jsquash/jpeg/codec/dec/mozjpeg_dec.js")).default as unknown as Factory,
  WebP: async () => (await import("@jsquash/webp/codec/dec/webp_dec.js")).default as unknown as Factory,
};

/** An instance, and what the library inside has complained of since the last call. */
type Opened = { readonly codec: Codec; readonly complaints: string[]; used: number };
const ARGUMENTS = { JPEG: [true], WebP: [] }; // whether the EXIF orientation is followed
const opened = new Map<PictureKind, Promise<Opened>>();
const compiled = new Map<PictureKind, Promise<WebAssembly.Module>>();
const MOST_WORK = 2 ** 29; // pixels times scans; cameras and editors make some ten scans
const MOST_A_BYTE = 1024; // pixels; a block of 64 takes a bit at least, so 512 are the most
const RENEWED = 2 ** 24; // pixels after which an instance is dropped, since its memory never shrinks

/**
 * As the camera was held, by the EXIF orientation. Raises InvalidInput BAD_JPEG, also for what libjpeg would repair.
 */
export const readJpeg = (bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Picture> => read("JPEG", bytes, file);

/** Raises InvalidInput BAD_WEBP. */
export const readWebp = (bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Picture> => read("WebP", bytes, file);

async function read(kind: "JPEG" | "WebP", bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Picture> {
  const size = declaredSize(bytes, kind, file);
  if (kind === "JPEG" && size.width * size.height * scansIn(bytes) > MOST_WORK)
    throw badPicture(kind, "it has too many scans for its size.", file);
  if (kind === "JPEG" && size.width * size.height > bytes.length * MOST_A_BYTE) {
    const reason = `the file is cut off, damaged or declares too much: ${bytes.length} bytes cannot hold ${size.width} × ${size.height} pixels.`;
    throw badPicture(kind, reason, file);
  }
  const instance = opened.get(kind) ?? open(kind);
  opened.set(kind, instance);
  const state = await instance;
  const result = decodeWith(kind, state.codec, bytes); // no other picture comes between this and its complaints
  const complaint = result instanceof Error ? (state.complaints[0] ?? result.message) : state.complaints[0];
  state.complaints.length = 0;
  state.used += size.width * size.height;
  if (result instanceof Error || state.used > RENEWED) opened.delete(kind);
  if (result instanceof Error || result === null || complaint !== undefined) {
    const why = complaint === undefined ? "" : ` (${complaint})`;
    throw badPicture(kind, `the file is cut off, damaged or of a kind that is not read${why}.`, file);
  }
  return withoutNeedlessAlpha(result.width, result.height, result.data);
}

/** The result that the codecs construct; only a page has a class of this name. */
class PlainImageData {
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    Object.assign(this, { data, width, height });
  }
}

/** Run `work` with a class ImageData in place, and leave no trace of it where there is none. */
function withImageData<T>(work: () => T): T {
  const had = "ImageData" in globalThis;
  if (!had) Object.assign(globalThis, { ImageData: PlainImageData });
  try {
    return work();
  } finally {
    if (!had) Reflect.deleteProperty(globalThis, "ImageData");
  }
}

/** What the library answers; the error that ends its program, as its exit is thrown. */
function decodeWith(kind: keyof typeof FILES, codec: Codec, bytes: Uint8Array): ReturnType<Codec["decode"]> | Error {
  try {
    return withImageData(() => codec.decode(bytes, ...ARGUMENTS[kind]));
  } catch (error) {
    return error instanceof Error ? error : new Error("it ended early", { cause: error });
  }
}

/** Scans of a JPEG: each goes over the whole picture. */
function scansIn(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) scans++;
  return scans;
}

async function open(kind: "JPEG" | "WebP"): Promise<Opened> {
  const module = compiled.get(kind) ?? compile(kind);
  compiled.set(kind, module);
  const [factory, code] = await Promise.all([FACTORIES[kind](), module]);
  const complaints: string[] = [];
  const say = (words: string) => void complaints.push(words);
  const settings: Settings = {
    noInitialRun: true,
    print: say,
    printErr: say,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(code, imports);
      done(instance);
      return instance.exports;
    },
  };
  const codec = await withImageData(() => factory(settings)); // which would put a class of its own there
  return { codec, complaints, used: 0 };
}

async function compile(kind: "JPEG" | "WebP"): Promise<WebAssembly.Module> {
  const { process } = globalThis as { process?: NodeJS.Process };
  const disk = process?.getBuiltinModule?.("node:fs");
  const bytes = disk ? disk.readFileSync(FILES[kind]) : await (await fetch(FILES[kind])).arrayBuffer();
  return WebAssembly.compile(bytes as BufferSource);
}

/** Gray where all pixels are, without alpha where all are opaque. */
function withoutNeedlessAlpha(width: number, height: number, rgba: Uint8ClampedArray): Picture {
  let [opaque, gray] = [true, true];
  for (let k = 0; k < rgba.length; k += 4) {
    if (rgba[k + 3] !== 255) opaque = false;
    if (rgba[k] !== rgba[k + 1] || rgba[k] !== rgba[k + 2]) gray = false;
  }
  const channels = ((gray ? 1 : 3) + (opaque ? 0 : 1)) as Picture["channels"];
  const places = [0, ...(gray ? [] : [1, 2]), ...(opaque ? [] : [3])];
  const pixels = new Uint8Array(width * height * channels);
  for (let p = 0, to = 0; p < width * height; p++) for (const c of places) pixels[to++] = rgba[4 * p + c]!;
  return { width, height, channels, pixels };
}
