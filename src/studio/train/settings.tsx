// The settings form: data, network, optimizer.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { OPTIMIZERS } from "../../gradients/kernels.ts";
import { INITIALIZATIONS } from "../../network/parameters.ts";
import { ChoiceField, NumberField, Switch } from "../parts/field.tsx";
import { pluralText, whole } from "../parts/numbers.ts";
import { PAGE_ACTIVATIONS } from "../state/page-activation.ts";
import { type DataName, readNumber } from "../state/setup.ts";
import { opened, progress } from "../state/store.ts";
import { applyDraft, changed, choose, discardDraft, draft, loading } from "./draft.ts";
import { DropZone } from "./drop-zone.tsx";
import { LayerSizes } from "./layer-sizes.tsx";
import { Samples } from "./samples.tsx";

const DATA_NAMES: Record<DataName, string> = {
  digits: "Digits, drawn here",
  mnist: "MNIST",
  "fashion-mnist": "Fashion-MNIST",
  kmnist: "Kuzushiji-MNIST",
  file: "Your file",
};

const wholeNumber = (low: number, high: number) => (text: string) =>
  /^\s*\d+\s*$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : undefined;
const atLeast = (low: number, open: boolean) => (text: string) => {
  const value = readNumber(text);
  return value > low || (!open && value === low) ? value : undefined;
};

export function Settings() {
  const { value } = draft;
  return (
    <form class="settings" onSubmit={(event) => event.preventDefault()} aria-label="Settings">
      <fieldset>
        <legend>Data</legend>
        <DataChoice />
        <Facts />
        <Samples />
        <DropZone />
        <div class="pair">
          <NumberField
            label="Training rows"
            hint="0 takes all"
            expected="a whole number"
            value={value.rows}
            read={wholeNumber(0, 10_000_000)}
            onValue={(rows) => choose({ rows })}
          />
          <Switch
            label="Random labels"
            hint="nothing to learn but by heart"
            on={value.randomLabels}
            onSwitch={(randomLabels) => choose({ randomLabels })}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>Network</legend>
        <LayerSizes />
        <div class="pair">
          <ChoiceField
            label="Activation σ"
            value={value.activation}
            options={PAGE_ACTIVATIONS.map((name) => ({ value: name, name }))}
            onChoose={(activation) => choose({ activation })}
          />
          <ChoiceField
            label="First weights"
            value={value.initialization}
            options={INITIALIZATIONS.map((name) => ({ value: name, name }))}
            onChoose={(initialization) => choose({ initialization })}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>Descent</legend>
        <div class="pair">
          <ChoiceField
            label="Optimizer"
            value={value.optimizer}
            options={OPTIMIZERS.map((name) => ({ value: name, name }))}
            onChoose={(optimizer) => choose({ optimizer })}
          />
          <NumberField
            label="Learning rate η"
            expected="a number above 0"
            value={value.learningRate}
            read={atLeast(0, true)}
            onValue={(learningRate) => choose({ learningRate })}
            suggestions={[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]}
          />
          <NumberField
            label="Batch size B"
            expected="a whole number from 1 to 65,536"
            value={value.batchSize}
            read={wholeNumber(1, 65_536)}
            onValue={(batchSize) => choose({ batchSize })}
            suggestions={[1, 4, 16, 64, 256, 1024]}
          />
          <NumberField
            label="Weight decay λ"
            expected="a number, 0 or more"
            value={value.weightDecay}
            read={atLeast(0, false)}
            onValue={(weightDecay) => choose({ weightDecay })}
            suggestions={[0, 0.0001, 0.001, 0.01]}
          />
          <NumberField
            label="Epochs"
            expected="a whole number from 1"
            value={value.epochs}
            read={wholeNumber(1, 1_000_000)}
            onValue={(epochs) => choose({ epochs })}
          />
          <NumberField
            label="Seed"
            expected="a whole number"
            value={value.seed}
            read={wholeNumber(0, Number.MAX_SAFE_INTEGER)}
            onValue={(seed) => choose({ seed })}
          />
        </div>
      </fieldset>
      <Pending />
    </form>
  );
}

/** The choice of data set: the digits, and the sets that the page's host serves, fetched once. */
function DataChoice() {
  const served = useSignal<readonly string[]>([]);
  useEffect(() => {
    fetch("./data/index.json")
      .then((answer) => (answer.ok ? answer.json() : { sets: [] }))
      .then(({ sets }: { sets: readonly { name: string }[] }) => {
        served.value = sets.map(({ name }) => name);
      })
      .catch(() => {}); // a static host without data sets: the digits and files are still there
  }, [served]);
  const { data } = draft.value;
  const there = (name: DataName) => name === "digits" || name === data || served.value.includes(name);
  const options = (Object.keys(DATA_NAMES) as DataName[])
    .filter((name) => name !== "file" || data === "file")
    .map((name) => ({
      value: name,
      name: there(name) ? DATA_NAMES[name] : `${DATA_NAMES[name]} (not on this host)`,
      disabled: !there(name),
    }));
  return <ChoiceField label="Set" value={data} options={options} onChoose={(next) => choose({ data: next })} />;
}

function Facts() {
  const found = opened.value;
  if (!found) return <p class="quiet">{loading.value ? "Reading …" : "No data yet."}</p>;
  const { rows, image, cols, classes, name, warnings, notes } = found;
  const form = image ? `${image.height} × ${image.width} grey images` : pluralText(cols, "feature");
  return (
    <>
      <p class="quiet">
        {name}: {whole(rows.train)} rows to train on, {whole(rows.test)} to test on; {form},{" "}
        {pluralText(classes.length, "class", "classes")}.
      </p>
      {notes.length > 0 && <p class="quiet">{notes.join(" ")}</p>}
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Pending() {
  if (!changed.value || (progress.value?.steps ?? 0) === 0) return null;
  return (
    <div class="pending" role="status">
      <p>These settings make another run. The one at hand would be lost.</p>
      <button type="button" class="primary" onClick={() => applyDraft()}>
        Start the new run
      </button>{" "}
      <button type="button" onClick={discardDraft}>
        Keep the old one
      </button>
    </div>
  );
}
