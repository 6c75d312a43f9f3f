// Probabilities as bars from 0 to 1, each with its name and its percentage.
import { percentText } from "./numbers.ts";

export type BarsProps = {
  readonly names: readonly string[];
  readonly values: ArrayLike<number>;
  readonly picked?: number | undefined; // drawn in the accent
  readonly label: string;
};

export function Bars({ names, values, picked, label }: BarsProps) {
  return (
    <ul class="bars" aria-label={label}>
      {names.map((name, c) => (
        <li key={name} class={c === picked ? "picked" : undefined}>
          <span class="name">{name}</span>
          <span class="track" aria-hidden="true">
            <span class="bar" style={{ transform: `scaleX(${Math.min(1, Math.max(0, values[c] ?? 0))})` }} />
          </span>
          <span class="figure">{percentText(values[c] ?? 0)}</span>
        </li>
      ))}
    </ul>
  );
}
