// What the network answers all over the plane, for data of two features: its probabilities and every unit's activation
// on a grid of points, by the run's engine in a session of its own, whose batch is the grid.

import type { Dataset } from "../../data/dataset.ts";
import { type PlanarFeature, planarRow } from "../../data/planar/planar.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import type { Session } from "../../engines/engine.ts";
import { chooseEngine } from "../../engines/registry.ts";
import type { Network } from "../../network/network.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import { type Model, sessionFeatures } from "../../training/model.ts";
import type { PlaneRange, PlaneSurface } from "./protocol.ts";

export const SURFACE_SIDE = 40; // points along each axis
const MOST_UNITS = 16; //          of a layer that are shown

export class SurfaceProbe {
  readonly #range: PlaneRange;
  readonly #session: Session;

  private constructor(range: PlaneRange, session: Session) {
    this.#range = range;
    this.#session = session;
  }

  /** `features`: those of a drawn set, by which a point becomes a row; null where the two columns are the point. */
  static async open(
    network: Network,
    scaling: Model["scaling"],
    engine: string,
    train: Dataset,
    features: readonly PlanarFeature[] | null,
  ): Promise<SurfaceProbe> {
    const range = features ? ([-1.2, 1.2, -1.2, 1.2] as const) : rangeOf(train);
    const rows = gridOf(range).map((point) => (features ? planarRow(point, features) : point));
    const values = Float32Array.from(rows.flat());
    const input = sessionFeatures({ features: values, cols: rows[0]!.length, columns: train.columns }, scaling);
    const labels = new Int32Array(rows.length);
    const session = await chooseEngine(engine).open({ network, ...input, labels, threads: 1, batchSize: rows.length });
    return new SurfaceProbe(range, session);
  }

  async compute(parameters: Float32Array, temperature?: number): Promise<PlaneSurface> {
    const session = this.#session;
    session.writeParameters(parameters);
    const points = SURFACE_SIDE ** 2;
    const { layers } = await session.gradients(numbersFrom(0, points));
    const C = session.network.layers.at(-1)!;
    return {
      side: SURFACE_SIDE,
      range: this.#range,
      probabilities: softmaxRows(layers.at(-1)!.output, C, temperature).probabilities,
      units: layers.slice(0, -1).map(({ output }) => {
        const O = output.length / points;
        const shown = Math.min(O, MOST_UNITS);
        return Array.from({ length: shown }, (_, o) =>
          Float32Array.from({ length: points }, (_, p) => output[p * O + o]!),
        );
      }),
    };
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** A probe that opens with the first look and is then kept. */
export class PlaneLook {
  readonly #open: () => Promise<SurfaceProbe>;
  #opened: Promise<SurfaceProbe> | undefined;

  constructor(open: () => Promise<SurfaceProbe>) {
    this.#open = open;
  }

  async at(parameters: Float32Array, temperature?: number): Promise<PlaneSurface> {
    this.#opened ??= this.#open();
    return (await this.#opened).compute(parameters, temperature);
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close();
  }
}

/** Grid points, from the upper left, row by row. */
function gridOf([left, right, low, high]: PlaneRange): [x: number, y: number][] {
  const at = (k: number, from: number, to: number) => from + ((k + 0.5) / SURFACE_SIDE) * (to - from);
  return Array.from({ length: SURFACE_SIDE ** 2 }, (_, p) => [
    at(p % SURFACE_SIDE, left, right),
    at(Math.floor(p / SURFACE_SIDE), high, low),
  ]);
}

/** Where the training rows lie, and a tenth more on every side. */
function rangeOf({ features, rows }: Dataset): PlaneRange {
  const ends = (j: number): [number, number] => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < rows; i++) {
      low = Math.min(low, features[2 * i + j]!);
      high = Math.max(high, features[2 * i + j]!);
    }
    const edge = 0.1 * (high - low) || 1;
    return [low - edge, high + edge];
  };
  return [...ends(0), ...ends(1)];
}
