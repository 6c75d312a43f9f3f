// The progress of a training run as text: a live line in a terminal, a line an epoch elsewhere.
import { basename } from "node:path";
import { styleText } from "node:util";
import type { DownloadProgress } from "../../data/named/download.ts";
import { EpochHistory } from "../../training/epoch-history.ts";
import type { EpochRecord, TrainEvent } from "../../training/training-result.ts";
import { clock, count, loss, percent } from "../tables.ts";
import { figureTexts } from "../value-figures.ts";

export type Screen = {
  readonly live: boolean; //     a terminal whose last line can be redrawn
  readonly columns: () => number;
  readonly write: (text: string) => void;
};

/** Standard output as a screen. TERM=dumb terminals cannot redraw. */
export function standardScreen(): Screen {
  const { stdout } = process;
  return {
    live: stdout.isTTY === true && process.env.TERM !== "dumb",
    columns: () => stdout.columns || 80,
    write: (text) => stdout.write(text),
  };
}

const MOST_LINES = 20; // epochs that get a line of their own; of a longer run every k-th
const CLEAR = "\r\x1b[2K";
const REDRAW_MS = 100;

/** Shows the events of one run. Call `end` in every case: it erases the live line. */
export class Progress {
  readonly #screen: Screen;
  readonly #rows: number;
  readonly #epochs = new EpochHistory();
  #total = 0;
  #every = 1;
  #began = 0;
  #from = 0; // epochs done, with fractions, when the clock began
  #drawn = 0;
  #open = false;

  /** `rows`: training examples an epoch. */
  constructor(screen: Screen, rows: number) {
    this.#screen = screen;
    this.#rows = rows;
  }

  handle(event: TrainEvent): void {
    if (event.event === "start") {
      this.#total = event.options.epochs;
      this.#every = Math.ceil(this.#total / MOST_LINES);
      this.#from = event.epoch - 1 + event.step / event.steps;
      this.#began = performance.now();
    } else if (event.event === "progress") this.#live(event.epoch, event.step / event.steps, event.loss);
    else this.#epoch(event);
  }

  end(): void {
    if (this.#open) this.#screen.write(CLEAR);
    this.#open = false;
  }

  #epoch(record: EpochRecord): void {
    this.#epochs.add(record);
    const { epoch } = record;
    if (epoch % this.#every !== 0 && epoch !== 1 && epoch !== this.#total) return;
    const width = this.#screen.live ? this.#screen.columns() : Number.POSITIVE_INFINITY;
    this.#write(`${epochLine(record, this.#total, this.#left(epoch, 0), width)}\n`);
  }

  #live(epoch: number, done: number, recent: number | null): void {
    const now = performance.now();
    if (!this.#screen.live || now - this.#drawn < REDRAW_MS) return;
    if (epoch - 1 + done <= this.#from || now <= this.#began) return; // no step yet: no pace to show
    this.#drawn = now;
    const seconds = (now - this.#began) / 1000;
    const line = liveLine(
      {
        epoch,
        total: this.#total,
        done,
        loss: recent,
        accuracy: this.#epochs.last?.trainAccuracy ?? null,
        examplesPerSecond: ((epoch - 1 + done - this.#from) * this.#rows) / seconds,
        secondsLeft: this.#left(epoch - 1, done),
        losses: recent === null ? [] : [...this.#epochs.losses, recent],
      },
      this.#screen.columns() - 1,
    );
    this.#screen.write(CLEAR + styleText("cyan", line));
    this.#open = true;
  }

  /** A lasting line; the live line below it is redrawn by the next event. */
  #write(text: string): void {
    this.#screen.write(this.#open ? CLEAR + text : text);
  }

  /** Seconds until the last epoch ends, from the pace so far. */
  #left(epochs: number, done: number): number {
    const trained = epochs + done - this.#from;
    return ((performance.now() - this.#began) / 1000) * ((this.#total - epochs - done) / trained);
  }
}

/** One epoch in words, for a log; in a narrow terminal without its pace. */
export function epochLine(
  record: EpochRecord,
  total: number,
  secondsLeft: number,
  width = Number.POSITIVE_INFINITY,
): string {
  const { epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy, examplesPerSecond, epsilon } = record;
  const { validationFigures } = record;
  const accuracy = (share: number | null) => (share === null ? [] : [`accuracy ${percent(share)}`]);
  const figures = [
    `epoch ${String(epoch).padStart(String(total).length)}/${total}`,
    trainLoss === null ? `spent ε ${(epsilon ?? 0).toFixed(3)}` : `loss ${loss(trainLoss).padEnd(7)}`, // as 0.09443
    ...accuracy(trainAccuracy),
    ...(validationLoss === null ? [] : [`validation loss ${loss(validationLoss)}`, ...accuracy(validationAccuracy)]),
    ...(validationFigures ? figureTexts(validationFigures) : []),
  ];
  const left = epoch < total ? [`${clock(secondsLeft)} left`] : [];
  const lines = [
    [...figures, `${count(Math.round(examplesPerSecond))} examples/s`, ...left],
    [...figures, ...left],
    figures,
  ].map((parts) => parts.join("  "));
  const short = trainLoss === null ? figures[1]! : loss(trainLoss);
  const least = [figures[0], short, ...(trainAccuracy === null ? [] : [percent(trainAccuracy)])].join("  ");
  return lines.find((line) => line.length <= width) ?? least;
}

export type Live = {
  readonly epoch: number;
  readonly total: number;
  readonly done: number; //             share of the epoch, in [0, 1]
  readonly loss: number | null; //      null of a private run
  readonly accuracy: number | null; //  of the last whole epoch
  readonly examplesPerSecond: number;
  readonly secondsLeft: number;
  readonly losses: readonly number[];
};

/** The live line, at most `width` characters: its parts by rank, as many as fit. */
export function liveLine(live: Live, width: number): string {
  const parts = [
    { rank: 0, text: `epoch ${live.epoch}/${live.total}` },
    { rank: 4, text: bar(live.done, 12) },
    { rank: 1, text: live.loss === null ? "" : `loss ${loss(live.loss)}` },
    { rank: 3, text: live.accuracy === null ? "" : `accuracy ${percent(live.accuracy)}` },
    { rank: 5, text: `${count(Math.round(live.examplesPerSecond))} examples/s` },
    { rank: 2, text: `${clock(live.secondsLeft)} left` },
    { rank: 6, text: sparkline(live.losses, 20) },
  ].filter(({ text }) => text !== "");
  const kept = new Set<number>();
  let used = -2; // the first part has no separator
  for (const { rank, text } of [...parts].sort((a, b) => a.rank - b.rank)) {
    if (used + 2 + text.length > width) break;
    used += 2 + text.length;
    kept.add(rank);
  }
  if (kept.size === 0) return `epoch ${live.epoch}/${live.total}`.slice(0, Math.max(0, width));
  return parts
    .filter(({ rank }) => kept.has(rank))
    .map(({ text }) => text)
    .join("  ");
}

function bar(done: number, width: number): string {
  const full = Math.round(done * width);
  return `${"━".repeat(full)}${"─".repeat(width - full)}`;
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** The values as at most `width` blocks, each the mean of a run of values. Heights are relative to the largest mean. */
export function sparkline(values: readonly number[], width: number): string {
  const n = Math.min(width, values.length);
  if (n < 2) return "";
  const points = Array.from({ length: n }, (_, i) => {
    const share = values.slice(Math.floor((i * values.length) / n), Math.floor(((i + 1) * values.length) / n));
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const low = Math.min(...points);
  const range = Math.max(...points) - low || 1;
  return points.map((p) => BLOCKS[Math.min(7, Math.floor((8 * (p - low)) / range))] ?? " ").join("");
}

/** Shows the progress of downloads: a live line in a terminal, elsewhere one line a file. */
export function downloadLine(stream: NodeJS.WriteStream): (progress: DownloadProgress) => void {
  let last = "";
  return ({ file, received, total }) => {
    const name = basename(file);
    if (stream.isTTY) {
      const line = `fetching ${name}  ${percent(received / total)} of ${count(total)} bytes`;
      stream.write(`${CLEAR}${line.slice(0, (stream.columns || 80) - 1)}${received === total ? "\n" : ""}`);
    } else if (name !== last) stream.write(`fetching ${name}, ${count(total)} bytes\n`);
    last = name;
  };
}
