// Histograms of W, a and δ over the steps of a run: now and then one, of a long run fewer. A look changes no bit.
import type { HistogramSample, LayerHistory } from "./network-api.ts";
import { histograms } from "./network-look.ts";
import type { OpenRun } from "./open-run.ts";

const MOST = 64; //  samples; one more, and every other goes
const SHARE = 20; // looks take at most 1/20 of a run's time

class HistogramHistory {
  #samples: HistogramSample[] = [];
  #stride = 1; // least steps between two samples
  #due = 0; //    performance.now() of the next look while playing

  get samples(): readonly HistogramSample[] {
    return this.#samples;
  }

  async look(open: OpenRun, playing: boolean): Promise<void> {
    const { steps } = open.run.progress;
    const begun = performance.now();
    const last = this.#samples.at(-1)?.steps ?? Number.NEGATIVE_INFINITY;
    if (steps < last + this.#stride || (playing && begun < this.#due)) return;
    const layers = await histograms(open).catch(() => null); // what is wrong, the run's own next step says
    if (!layers) return;
    this.#samples.push({ steps, layers });
    if (this.#samples.length > MOST) {
      this.#samples = this.#samples.filter((_, k) => k % 2 === 0);
      this.#stride *= 2;
    }
    const now = performance.now();
    this.#due = now + SHARE * (now - begun);
  }
}

const histories = new WeakMap<OpenRun, HistogramHistory>();

function historyOf(open: OpenRun): HistogramHistory {
  const found = histories.get(open) ?? new HistogramHistory();
  histories.set(open, found);
  return found;
}

/** Take a sample if one is due: of a run that plays by time, else after each step. */
export const lookOverTime = (open: OpenRun, playing: boolean): Promise<void> => historyOf(open).look(open, playing);

/** Of layer `l`, from 1, since the run was opened here. */
export function histogramHistory(open: OpenRun, l: number): LayerHistory {
  const { samples } = historyOf(open);
  const of = samples.map(({ layers }) => layers[l - 1]!);
  return {
    steps: samples.map(({ steps }) => steps),
    weights: of.map(({ weights }) => weights),
    outputs: of.map(({ outputs }) => outputs),
    deltas: of.map(({ deltas }) => deltas),
  };
}
