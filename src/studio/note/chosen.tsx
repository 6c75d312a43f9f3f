// Which example and which layer the note's values are of: the same choice as in every other view.
import { signal, useSignalEffect } from "@preact/signals";
import type { ExampleView, Place } from "../lab/protocol.ts";
import { percent, whole } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { lab, layer, opened, place, tick } from "../state/store.ts";
import { latestOnly } from "./latest.ts";

const example = signal<ExampleView | null>(null);

const refresh = latestOnly(async () => {
  example.value = await lab.example(place.peek());
});

export function ChosenExample() {
  useSignalEffect(() => {
    const depends = [place.value, tick.value];
    if (opened.value && depends) refresh();
  });
  const info = opened.value;
  if (!info) return null;
  const { part, row } = place.value;
  const rows = info.rows[part];
  const to = (next: Partial<Place>) => {
    const at = { ...place.value, ...next };
    place.value = { ...at, row: Math.min(info.rows[at.part] - 1, Math.max(0, at.row || 0)) };
  };
  return (
    <div class="chosen">
      {example.value && info.image && <Picture pixels={example.value.raw} {...info.image} label="" />}
      <div>
        <div class="keys">
          <select
            aria-label="Part of the data"
            value={part}
            onChange={({ currentTarget }) => to({ part: currentTarget.value as Place["part"] })}
          >
            {(["train", "test"] as const).map((name) => (
              <option key={name} value={name} disabled={info.rows[name] === 0}>
                {name} example
              </option>
            ))}
          </select>
          <input
            type="number"
            aria-label={`Number of the example, 1 to ${whole(rows)}`}
            min={1}
            max={rows}
            value={row + 1}
            onChange={({ currentTarget }) => to({ row: Math.trunc(currentTarget.valueAsNumber) - 1 })}
          />
          <button type="button" aria-label="Previous example" disabled={row === 0} onClick={() => to({ row: row - 1 })}>
            ‹
          </button>
          <button
            type="button"
            aria-label="Next example"
            disabled={row >= rows - 1}
            onClick={() => to({ row: row + 1 })}
          >
            ›
          </button>
        </div>
        <p class="quiet">{example.value ? verdictOf(example.value, info.classes) : " "}</p>
      </div>
      <label class="layer">
        Layer <i>l</i>
        <select
          value={layer.value}
          onChange={({ currentTarget }) => {
            layer.value = Number(currentTarget.value);
          }}
        >
          {info.layers.slice(1).map((size, at) => (
            <option key={at} value={at + 1}>
              {at + 1}: {info.layers[at]} × {size}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function verdictOf({ label, predicted, probabilities, loss }: ExampleView, classes: readonly string[]): string {
  const said = `says ${classes[predicted]} (${percent(probabilities[predicted]!)})`;
  return `${label === predicted ? "Right" : "Wrong"}: is ${classes[label]}, the network ${said}; loss ${loss.toFixed(3)}`;
}
