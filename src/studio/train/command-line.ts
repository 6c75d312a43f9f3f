// A set-up as a command that repeats its run, bit for bit.
import { isPlanar, PLANAR_DEFAULTS } from "../../data/planar/planar.ts";
import { quoted, readFlags } from "../state/reading.ts";
import type { StudioSetup } from "../state/setup.ts";

/**
 * `file`: the name of a visitor's file or folder. Undefined where no command can: files of no one folder, fewer rows,
 * random labels, points of one's own noise or number.
 */
export function commandOf(
  setup: StudioSetup,
  layers: readonly number[],
  file: string | null = null,
): string | undefined {
  if (setup.rows > 0 || setup.randomLabels || !asDrawn(setup)) return undefined;
  const own = setup.data === "file";
  if (own && file === null) return undefined;
  const { hidden, activation, initialization, optimizer, learningRate, batchSize, weightDecay, epochs, seed } = setup;
  const { augment, loss, labelSmoothing } = setup;
  const flags: readonly (readonly [name: string, value: string | number])[] = [
    hidden.length > 0 ? ["hidden", hidden.join(",")] : ["layers", layers.join(",")],
    ["activation", activation],
    ["initialization", initialization],
    ...(loss === "" ? [] : [["loss", loss] as const]),
    ...(labelSmoothing === 0 ? [] : [["label-smoothing", labelSmoothing] as const]),
    ["optimizer", optimizer],
    ["learning-rate", learningRate],
    ["schedule", "constant"],
    ["batch-size", batchSize],
    ["weight-decay", weightDecay],
    ...(augment === "none" ? [] : [["augment", augment] as const]),
    ["epochs", epochs],
    ["seed", seed],
  ];
  const data = own ? quoted(`./${file}`) : setup.data;
  const words = [...(own ? readFlags(setup) : []), ...flags.map(([name, value]) => `--${name} ${value}`)];
  return `npx deltaprop train ${data} ${words.join(" ")}`;
}

/** Whether the points of a set in the plane are those that a command draws. */
export const asDrawn = ({ data, noise, points, features }: StudioSetup): boolean =>
  !isPlanar(data) || `${[noise, points, features]}` === `${Object.values(PLANAR_DEFAULTS)}`;
