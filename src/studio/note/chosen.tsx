// The example and the layer of the note's values: the same choice as in every other view.
import type { ExampleView, RunDescription } from "../lab/protocol.ts";
import { rich, t } from "../language/words.ts";
import { rowWords } from "../parts/answer-words.ts";
import { percentText, shortNumber } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { PlacePicker } from "../parts/place-picker.tsx";
import { useLab } from "../parts/use-lab.ts";
import { lab, layer, opened, place } from "../state/store.ts";

export function ChosenExample() {
  const example = useLab(() => {
    const at = place.value;
    return () => lab.example(at);
  }).value;
  const info = opened.value;
  if (!info) return null;
  return (
    <div class="chosen">
      {example && info.image && <Picture pixels={example.raw} {...info.image} label="" />}
      <div>
        <PlacePicker />
        <p class="quiet">{example ? verdictOf(example, info) : " "}</p>
      </div>
      <label class="layer">
        {rich("Layer {l}", { l: <i>l</i> })}
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

function verdictOf(example: ExampleView, info: RunDescription): string {
  const { label, predicted, probabilities, loss, values, answer: found } = example;
  const { classes } = info;
  if (found)
    return t("It is → the network says: {what}; loss {loss}", {
      what: rowWords(info, values!, found.values),
      loss: shortNumber(loss),
    });
  return t(
    label === predicted
      ? "Right: is {name}, the network says {answer} ({share}); loss {loss}"
      : "Wrong: is {name}, the network says {answer} ({share}); loss {loss}",
    {
      name: classes[label]!,
      answer: classes[predicted]!,
      share: percentText(probabilities[predicted]!),
      loss: shortNumber(loss),
    },
  );
}
