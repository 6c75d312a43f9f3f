// The unit that is looked at: its value, its incoming weights, what excites it most; a weight can be set by hand.
import { useSignal } from "@preact/signals";
import type { ExcitingRow, UnitView } from "../lab/network-api.ts";
import type { RawExample } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { outputNames, targetWords } from "../parts/answer-words.ts";
import { scaleOf } from "../parts/colors.ts";
import { TypedField } from "../parts/field.tsx";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { parameterStatus, updateParameterStatus } from "../state/parameter-status.ts";
import { readNumber } from "../state/setup.ts";
import { attempt, lab, opened, place, progress, tick } from "../state/store.ts";
import { asBlock } from "../watch/fields.ts";
import { hovered, picked, shownUnit } from "./picked-unit.ts";

const LISTED = 8; //  incoming weights by name
const EXCITING = 6; // rows

export function UnitPanel() {
  const sight = useSight();
  const view = useLab(
    () => {
      const [at, { layer, unit }] = [place.value, shownUnit.value];
      return () => lab.unit(at, layer, unit);
    },
    { sight },
  );
  const found = opened.value;
  const current = view.value;
  if (!found || !current) return null;
  const { layer, unit, last, input, weights, z, output, delta, bias } = current;
  const image = found.image && layer === 1 && weights.length === found.cols ? found.image : null;
  const classes = found.task === "classify";
  const name = last
    ? t(classes ? "class {name}" : "output {name}", { name: outputNames(found)[unit]! })
    : t("unit {o}", { o: unit + 1 });
  return (
    <section class="unit-panel" ref={sight.place} aria-labelledby="unit-title">
      <h3 id="unit-title" aria-live={hovered.value ? "off" : "polite"}>
        {t("Layer {layer}, {name}", { layer, name })}
      </h3>
      <dl class="unit-figures">
        <Figure name="z" value={z} />
        {!last && <Figure name="a = σ(z)" value={output} />}
        <Figure name="δ" value={delta} />
        <Figure name={t("bias")} value={bias} />
      </dl>
      <div class="unit-two">
        <div>
          <h4>{t("Its incoming weights")}</h4>
          <MatrixView
            {...(image ? { values: weights, rows: image.height, cols: image.width } : asBlock(weights))}
            scale={scaleOf(weights)}
            class={image ? "incoming-image" : "incoming"}
            label={t("Weights into {name} of layer {layer}", { name, layer })}
          />
          <Strongest view={current} inputs={inputNamesOf(layer, input.length)} />
          <SetWeight key={`${layer} ${unit}`} view={current} />
        </div>
        <Exciting name={name} />
      </div>
    </section>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{shortNumber(value)}</dd>
    </div>
  );
}

/** What the inputs of a layer are called, from 0. */
function inputNamesOf(layer: number, count: number): (i: number) => string {
  const { featureNames } = opened.value!;
  const named = layer === 1 && featureNames?.length === count ? featureNames : null;
  return (i) => named?.[i] ?? (layer === 1 ? t("input {i}", { i: i + 1 }) : t("unit {o}", { o: i + 1 }));
}

/** The inputs that give it most, for this example. */
function Strongest({
  view: { input, weights },
  inputs,
}: {
  readonly view: UnitView;
  readonly inputs: (i: number) => string;
}) {
  const order = Array.from(weights.keys())
    .sort((a, b) => Math.abs(weights[b]! * input[b]!) - Math.abs(weights[a]! * input[a]!))
    .slice(0, LISTED);
  return (
    <table class="strongest">
      <caption>{t("The inputs that give it most here")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("from")}</th>
          <th scope="col">w</th>
          <th scope="col">a</th>
          <th scope="col">w·a</th>
        </tr>
      </thead>
      <tbody>
        {order.map((i) => (
          <tr key={i}>
            <th scope="row">{inputs(i)}</th>
            <td>{shortNumber(weights[i]!)}</td>
            <td>{shortNumber(input[i]!)}</td>
            <td>{shortNumber(weights[i]! * input[i]!)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One weight set by hand, and the loss that answers. */
function SetWeight({ view: { layer, unit, weights } }: { readonly view: UnitView }) {
  const from = useSignal(1);
  const i = Math.min(from.value, weights.length) - 1;
  const apply = async (value: number) => {
    if (await attempt(() => lab.setWeight(layer, i, unit, value))) {
      await updateParameterStatus();
      tick.value++;
    }
  };
  const undo = async () => {
    if (await attempt(() => lab.undoTeaching())) {
      await updateParameterStatus();
      tick.value++;
    }
  };
  return (
    <fieldset class="set-weight" disabled={progress.value?.playing === true}>
      <legend>{t("Set a weight by hand")}</legend>
      <TypedField
        label={t("from input")}
        expected={t("a whole number from {low} to {high}", { low: 1, high: weights.length })}
        value={i + 1}
        read={(text) => (/^\d+$/.test(text) && +text >= 1 && +text <= weights.length ? Number(text) : undefined)}
        onValue={(value) => {
          from.value = value;
        }}
      />
      <TypedField
        label={t("weight")}
        expected={t("a number")}
        value={Number(weights[i]!.toPrecision(6))}
        read={(text) => (Number.isNaN(readNumber(text)) ? undefined : readNumber(text))}
        onValue={(value) => void apply(value)}
      />
      <button type="button" disabled={!parameterStatus.value?.undoable} onClick={() => void undo()}>
        {t("Undo")}
      </button>
    </fieldset>
  );
}

type Excited = { readonly row: ExcitingRow; readonly raw: RawExample };

/** The test rows that excite the picked unit most: asked again when it changes and when the run pauses. */
function Exciting({ name }: { readonly name: string }) {
  const rows = useLab(
    () => {
      const { layer, unit } = picked.value;
      progress.value?.playing;
      return async (): Promise<readonly Excited[]> => {
        const found = await lab.excitingRows(layer, unit, EXCITING);
        const raws = await lab.rawExamples(found);
        return found.map((row, k) => ({ row, raw: raws[k]! }));
      };
    },
    { dependsOn: "data" },
  );
  const found = opened.value!;
  const { image } = found;
  if (hovered.value) return null;
  return (
    <div>
      <h4>{t("What excites {name} most", { name })}</h4>
      <ul class="exciting">
        {(rows.value ?? []).map(({ row, raw }) => (
          <li key={row.row}>
            <button
              type="button"
              title={t("Test row {row}: {value}", { row: row.row + 1, value: shortNumber(row.value) })}
              onClick={() => {
                place.value = { part: row.part, row: row.row };
              }}
            >
              {image && <Picture pixels={raw.pixels} {...image} label="" />}
              <span>
                {raw.values ? targetWords(found, raw.values) : found.classes[row.label]}
                {!image && ` ${row.row + 1}`}
              </span>
              <span class="quiet">{shortNumber(row.value, 2)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
