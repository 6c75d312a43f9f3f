// The state of a run as one safetensors file with SHA-256 sums, and back. Tensors are in PyTorch's layout:
// layers.0.weight … are the parameters, ….best the best ones so far, ….state0 and ….state1 the optimizer's arrays. The
// position is in the metadata.
import { InvalidInput, must, type Place } from "../../errors.ts";
import type { Floats } from "../../network/memory.ts";
import {
  activationText,
  defineNetwork,
  type LayerOptions,
  type Network,
  parameterCount,
  readActivation,
} from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { EpochHistory } from "../../training/epoch-history.ts";
import type { EpochRows, RunState } from "../../training/run-state.ts";
import type { EpochRecord } from "../../training/training-result.ts";
import { checkedPieces, decodeChecked } from "../model/checksums.ts";
import { parseJson } from "../model/json.ts";
import { layerOptionTexts, readLayerOptions } from "../model/metadata.ts";
import { layerTensors, packTensors } from "../model/model-file.ts";
import { joined, type Tensor } from "../model/safetensors.ts";
import { isEpochRecord } from "./run-record.ts";

/** A run's state with the network and the run that it belongs to. */
export type Checkpoint = {
  /** Sizes and activation. */
  readonly network: Network;
  /** The run's identity: of the command line's runs a hash of their record, otherwise a text of your own. */
  readonly run: string;
  /** Where the run stands. */
  readonly state: RunState;
};

/** A checkpoint read back; of one with a log the state's epochs are in `history` and `log` alone. */
export type ReadCheckpoint = Checkpoint & {
  /** Its epochs in short: their number, the best, the curve of the loss. */
  readonly history: EpochHistory;
  /** Where the records are, if they are kept elsewhere. */
  readonly log?: EpochLog | undefined;
};

/** The records of the epochs that ended, as the first `bytes` of metrics.jsonl. */
export type EpochLog = {
  /** Their number, ≥ 0. */
  readonly epochs: number;
  /** Of the file, ≥ 0. */
  readonly bytes: number;
  /** SHA-256 of these bytes. */
  readonly sha256: string;
};

const WITH_EPOCHS = "3"; // their records are in the header, which has room for some 290,000
const WITH_LOG = "4";
const EARLIER = new Map([
  ["1", WITH_EPOCHS], // with loss and prediction of each row of the epoch at hand, as version 0.1 wrote it
  ["2", WITH_LOG],
]);
const WITH_BETWEEN = "5"; // either of a network with layer normalization or residuals, which older readers do not know

/** A checkpoint as the bytes of its file. Numbers round-trip exactly; with a `log` the size never grows. */
export async function encodeCheckpoint(checkpoint: Checkpoint, log?: EpochLog): Promise<Uint8Array<ArrayBuffer>> {
  must(typeof checkpoint?.state === "object", "the checkpoint", "{ network, run, state }", checkpoint);
  return joined(await checkpointPieces(checkpoint, log));
}

/** The same in pieces, to be written one after another: of a large network the file has gigabytes. */
export function checkpointPieces({ network, run, state }: Checkpoint, log?: EpochLog): Promise<readonly Uint8Array[]> {
  const { epoch, step, seconds, parameters, states, best, tally, epochs } = state;
  const tensors = new Map<string, Tensor>([
    ...layerTensors(network, parameters),
    ...layerTensors(network, best.parameters, ".best"),
    ...states.flatMap((packed, s) => [...layerTensors(network, packed, `.state${s}`)]),
    ...scaleTensors(network, parameters),
    ...states.flatMap((packed, s) => scaleTensors(network, packed, `.state${s}`)),
  ]);
  must("lossSum" in tally, "the state's tally", "sums, as those of a run are", tally);
  const between = layerOptionTexts(network);
  const metadata = new Map<string, string>([
    ["format", "pt"],
    ["deltaprop_checkpoint", between.length > 0 ? WITH_BETWEEN : log ? WITH_LOG : WITH_EPOCHS],
    ["run", run],
    ["layers", JSON.stringify(network.layers)],
    ["activation", activationText(network)],
    ...between,
    ["position", JSON.stringify({ epoch, step, seconds })],
    ["tally", JSON.stringify(tally)],
    ["best", JSON.stringify({ epoch: best.epoch, loss: Number.isFinite(best.loss) ? best.loss : null })],
    log ? ["epoch_log", JSON.stringify(log)] : ["epochs", JSON.stringify(epochs)],
  ]);
  return checkedPieces({ tensors, metadata });
}

/**
 * The checkpoint in a file named `file`; `readLog` gives the records of a log. Raises InvalidInput naming the damaged
 * tensor, the header or the metadata.
 */
export async function decodeCheckpoint(
  bytes: Uint8Array,
  file: string,
  readLog?: (log: EpochLog) => Promise<readonly EpochRecord[]>,
): Promise<Checkpoint> {
  let records: readonly EpochRecord[] | undefined;
  const read = readLog && (async (log: EpochLog) => new EpochHistory((records = await readLog(log))));
  const { network, run, state } = await readCheckpoint(bytes, file, read);
  return { network, run, state: records ? { ...state, epochs: records, earlier: undefined } : state };
}

/** The same for a run of any length: of the records in a log the history alone stays. */
export async function readCheckpoint(
  bytes: Uint8Array,
  file: string,
  readLog?: (log: EpochLog) => Promise<EpochHistory>,
): Promise<ReadCheckpoint> {
  const { tensors, metadata } = await decodeChecked(bytes, file, true);
  const place = { file, at: "metadata" };
  const expect: Expect = (ok, what, expected, got) => must(ok, what, expected, got, "", place, "BAD_CHECKPOINT");
  const written = metadata.get("deltaprop_checkpoint");
  const earlier = EARLIER.get(written ?? "");
  const version = earlier ?? written;
  const options = readLayerOptions(metadata);
  const plain = options !== undefined && !options.layerNorm && !options.residual;
  const formats = plain ? [WITH_EPOCHS, WITH_LOG] : [WITH_BETWEEN];
  expect(
    formats.includes(version ?? ""),
    "the checkpoint's format",
    plain ? `1 to ${WITH_LOG}` : WITH_BETWEEN,
    written,
  );
  expect(options !== undefined, "the metadata layer_norm and residual", "true or absent", metadata.get("layer_norm"));
  const json = (key: string): unknown => {
    try {
      return parseJson(metadata.get(key) ?? "");
    } catch {
      throw new InvalidInput("BAD_CHECKPOINT", `the metadata ${key} must be JSON, with no key twice.`, place);
    }
  };
  const layers = json("layers");
  expect(Array.isArray(layers), "the metadata layers", "a list of sizes", layers);
  const network = networkOf(layers as number[], readActivation(metadata.get("activation") ?? ""), options!, place);
  const position = numbers(json("position"), ["epoch", "step", "seconds"], "position", expect);
  const kept = (json("best") ?? {}) as { readonly loss?: unknown };
  const best = numbers({ ...kept, loss: kept.loss ?? 0 }, ["epoch", "loss"], "best", expect);
  const loss = kept.loss === null ? Number.POSITIVE_INFINITY : best.loss;
  const run = metadata.get("run") ?? "";

  let states = 0;
  while (tensors.has(`layers.0.weight.state${states}`)) states++;
  const wide = tensors.get("layers.0.weight")?.values instanceof Float64Array;
  const Floats = (wide ? Float64Array : Float32Array) as new (count: number) => Float32Array | Float64Array;
  const shapes = expectedShapes(network, states, Floats, tensors.has(SCALE), earlier !== undefined);
  for (const [name, { Values, shape }] of shapes) {
    const tensor = tensors.get(name);
    const good = tensor?.values instanceof Values && (shape ?? tensor.shape).join() === tensor.shape.join();
    must(good, "this tensor", `${Values.name} ${shape?.join(" × ") ?? ""}`, tensor?.shape, "", { file, at: name });
  }
  expect(tensors.size === shapes.size, "the number of tensors", `${shapes.size}`, tensors.size);
  const log =
    version === WITH_LOG || metadata.has("epoch_log")
      ? numbers(json("epoch_log"), ["epochs", "bytes"], "epoch_log", expect)
      : undefined;
  const sha256 = log && (json("epoch_log") as EpochLog).sha256;
  expect(!log || typeof sha256 === "string", "the metadata epoch_log", "an object with the text sha256", sha256);
  expect(!log || readLog !== undefined, "a checkpoint with an epoch_log", "beside its metrics.jsonl", file);
  const whole = log && { ...log, sha256: sha256! };
  const epochs = whole ? [] : readEpochs(json("epochs"), expect);
  const history = whole ? await readLog!(whole) : new EpochHistory(epochs);
  return {
    network,
    run,
    history,
    log: whole,
    state: {
      ...position,
      parameters: packTrained(network, tensors, Floats),
      states: Array.from({ length: states }, (_, s) => packTrained(network, tensors, Floats, `.state${s}`)),
      best: { epoch: best.epoch, loss, parameters: packTensors(network, tensors, Float32Array, ".best") },
      tally: earlier ? earlierRows(tensors) : numbers(json("tally"), ["lossSum", "hits"], "tally", expect),
      epochs,
      earlier: whole && history.count > 0 ? { count: history.count, seconds: history.seconds } : undefined,
    },
  };
}

function networkOf(
  layers: readonly number[],
  activation: Network["activation"],
  options: LayerOptions,
  place: Place,
): Network {
  try {
    return defineNetwork(layers, activation, options);
  } catch (error) {
    const { reason, message } = error as InvalidInput;
    throw new InvalidInput("BAD_CHECKPOINT", reason ?? message, place, { cause: error });
  }
}

const SCALE = "scale"; // of the inputs, where it is learned

/** What stands behind the layers of a packed block: s. */
function scaleTensors(network: Network, packed: Floats, suffix = ""): (readonly [string, Tensor])[] {
  const values = packed.slice(parameterCount(network));
  return values.length === 0 ? [] : [[SCALE + suffix, { shape: [values.length], values }]];
}

function packTrained(
  network: Network,
  tensors: ReadonlyMap<string, Tensor>,
  Type: new (count: number) => Float32Array | Float64Array,
  suffix = "",
): Floats {
  const layers = packTensors(network, tensors, Type, suffix);
  const scale = tensors.get(SCALE + suffix)?.values;
  if (scale === undefined) return layers;
  const out = new Type(layers.length + scale.length);
  out.set(layers);
  out.set(scale as Floats, layers.length);
  return out;
}

type Expect = (ok: boolean, what: string, expected: string, got: unknown) => void;

/** The type and shape of every tensor a checkpoint holds; a shape left out may be any. */
function expectedShapes(
  network: Network,
  states: number,
  Floats: new (count: number) => Tensor["values"],
  scaled: boolean,
  withRows: boolean,
) {
  const shapes = new Map<
    string,
    { readonly Values: new (count: number) => Tensor["values"]; readonly shape?: readonly number[] | undefined }
  >();
  const suffixes = ["", ".best", ...Array.from({ length: states }, (_, s) => `.state${s}`)];
  for (const suffix of suffixes.filter((suffix) => scaled && suffix !== ".best"))
    shapes.set(SCALE + suffix, { Values: Floats, shape: [network.layers[0]!] });
  for (const suffix of suffixes)
    packedLayers(network).forEach(({ inputs, outputs, gain }, l) => {
      const Values = suffix === ".best" ? Float32Array : Floats;
      for (const part of gain === undefined ? [] : ["weight", "bias"])
        shapes.set(`norms.${l}.${part}${suffix}`, { Values, shape: [outputs] });
      shapes.set(`layers.${l}.weight${suffix}`, { Values, shape: [outputs, inputs] });
      shapes.set(`layers.${l}.bias${suffix}`, { Values, shape: [outputs] });
    });
  return withRows ? shapes.set("losses", { Values: Float64Array }).set("predictions", { Values: Int32Array }) : shapes;
}

const earlierRows = (tensors: ReadonlyMap<string, Tensor>): EpochRows => ({
  losses: tensors.get("losses")!.values as Float64Array,
  predictions: tensors.get("predictions")!.values as Int32Array,
});

function readEpochs(value: unknown, expect: Expect): EpochRecord[] {
  expect(Array.isArray(value), "the metadata epochs", "a list", value);
  for (const [e, record] of (value as unknown[]).entries())
    expect(isEpochRecord(record, e + 1), `the metadata epochs[${e}]`, `the record of epoch ${e + 1}`, record);
  return value as EpochRecord[];
}

/** The named members of `value`, all finite numbers. */
function numbers<K extends string>(
  value: unknown,
  keys: readonly K[],
  what: string,
  expect: Expect,
): Record<K, number> {
  const members = new Map(Object.entries((value ?? {}) as object));
  const missing = keys.find((key) => !Number.isFinite(members.get(key)));
  expect(missing === undefined, `the metadata ${what}`, `an object with the number ${missing}`, value);
  return Object.fromEntries(keys.map((key) => [key, members.get(key)])) as Record<K, number>;
}
