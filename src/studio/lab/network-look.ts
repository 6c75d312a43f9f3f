// Looks at the whole network: its weights as they are drawn, one unit, what excites a unit, and histograms by layer.
import { numbersFrom } from "../../data/stored/row-store.ts";
import { must } from "../../errors.ts";
import type { Floats } from "../../network/memory.ts";
import { packedLayers } from "../../network/parameters.ts";
import { Inspector } from "./inspect.ts";
import type { ExcitingRow, Histogram, LayerHistograms, UnitView, WeightBlock } from "./network-api.ts";
import type { OpenRun } from "./open-run.ts";
import type { RowPlace } from "./row-place.ts";

const MOST_DRAWN = 128; // inputs and units of a block
const LOOKED_AT = 2000; // test rows that are asked what excites them
export const BINS = 31; //  an odd number: 0 lies in the middle of one

export function weightBlocks({ run, network }: OpenRun): readonly WeightBlock[] {
  const parameters = run.session.readParameters();
  return packedLayers(network).map(({ inputs: I, outputs: O, W, b }, l) => {
    const every = [Math.ceil(I / MOST_DRAWN), Math.ceil(O / MOST_DRAWN)] as const;
    const [rows, cols] = [Math.ceil(I / every[0]), Math.ceil(O / every[1])];
    const values = new Float32Array(rows * cols);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) values[r * cols + c] = parameters[W + r * every[0] * O + c * every[1]]!;
    return { layer: l + 1, I, O, every, rows, cols, values, largest: largestOf(parameters.subarray(W, b)) };
  });
}

export async function unitView(open: OpenRun, place: RowPlace, l: number, o: number): Promise<UnitView> {
  checkUnit(open, l, o);
  const { layers } = await new Inspector(open).example(place);
  const { input, z, output, delta, I, O } = layers[l - 1]!;
  const { W, b } = packedLayers(open.network)[l - 1]!;
  const parameters = open.run.session.readParameters();
  return {
    layer: l,
    unit: o,
    last: l === layers.length,
    input,
    weights: Float32Array.from({ length: I }, (_, i) => parameters[W + i * O + o]!),
    bias: parameters[b + o]!,
    z: z[o]!,
    output: output[o]!,
    delta: delta[o]!,
  };
}

export async function excitingRows(open: OpenRun, l: number, o: number, most: number): Promise<readonly ExcitingRow[]> {
  checkUnit(open, l, o);
  const { run, rows } = open;
  const { session, options } = run;
  const asked = Math.min(rows.test.rows, LOOKED_AT);
  const O = open.network.layers[l]!;
  const found: ExcitingRow[] = [];
  for (let row = 0; row < asked; row += options.batchSize) {
    const length = Math.min(options.batchSize, asked - row);
    const { layers } = await session.gradients(numbersFrom(rows.train.rows + row, length));
    const { output } = layers[l - 1]!;
    for (let k = 0; k < length; k++)
      found.push({ part: "test", row: row + k, label: rows.test.labels[row + k]!, value: output[k * O + o]! });
    found.sort((a, b) => b.value - a.value || a.row - b.row).splice(most);
  }
  return found;
}

export async function histograms(open: OpenRun): Promise<readonly LayerHistograms[]> {
  const { layers } = await new Inspector(open).stepView();
  return layers.map(({ layer, W, output, delta }) => ({
    layer,
    weights: histogramOf(W),
    outputs: histogramOf(output),
    deltas: histogramOf(delta),
  }));
}

/** Where W_l[i, o] lies among the parameters, or b_l[o] for i = −1. */
export function parameterIndex(network: OpenRun["network"], l: number, i: number, o: number): number {
  checkUnit({ network }, l, o);
  const { inputs: I, outputs: O, W, b } = packedLayers(network)[l - 1]!;
  must(Number.isInteger(i) && i >= -1 && i < I, "i", `an integer in [-1, ${I})`, i);
  return i < 0 ? b + o : W + i * O + o;
}

function histogramOf(values: Float32Array): Histogram {
  const largest = largestOf(values);
  const counts = new Uint32Array(BINS);
  let zeros = 0;
  for (const value of values) {
    if (value === 0) zeros++;
    const share = largest === 0 ? 0 : value / largest; // −1 … 1
    counts[Math.min(BINS - 1, Math.floor(((share + 1) / 2) * BINS))]!++;
  }
  return { largest, counts, zeros };
}

function largestOf(values: Floats): number {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
}

function checkUnit({ network: { layers } }: Pick<OpenRun, "network">, l: number, o: number): void {
  must(Number.isInteger(l) && l >= 1 && l < layers.length, "layer", `an integer in [1, ${layers.length - 1}]`, l);
  must(Number.isInteger(o) && o >= 0 && o < layers[l]!, "unit", `an integer in [0, ${layers[l]})`, o);
}
