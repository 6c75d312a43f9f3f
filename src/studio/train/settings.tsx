// The settings form: data, network, optimizer.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isPlanar, PLANAR_FEATURES } from "../../data/planar/planar.ts";
import { ACTIVATIONS, type Activation } from "../../network/network.ts";
import { INITIALIZATIONS } from "../../network/parameters.ts";
import type { TrainingOptimizer } from "../../training/optimizer.ts";
import { type PlainText, t } from "../language/words.ts";
import { ChoiceField, Switch, TypedField } from "../parts/field.tsx";
import { whole } from "../parts/numbers.ts";
import { AS_FOUND } from "../state/reading.ts";
import {
  type DataName,
  DEFAULT_SETUP,
  LEARNED_AS_USUAL,
  NO_LIMITS,
  PAGE_OPTIMIZERS,
  PLANAR_PRESET,
  readNumber,
  type StudioSetup,
} from "../state/setup.ts";
import { opened, setup } from "../state/store.ts";
import { Facts } from "./data-facts.tsx";
import { Distortions } from "./distortion-knobs.tsx";
import { choose, draft } from "./draft.ts";
import { DropZone } from "./drop-zone.tsx";
import { LayerSizes } from "./layer-sizes.tsx";
import { LossField } from "./loss-field.tsx";
import { Samples } from "./samples.tsx";
import { StepFields } from "./step-fields.tsx";

const DATA_NAMES: Record<DataName, PlainText> = {
  digits: "Digits, drawn here",
  mnist: "MNIST",
  "fashion-mnist": "Fashion-MNIST",
  kmnist: "Kuzushiji-MNIST",
  circles: "Plane: circles",
  xor: "Plane: XOR",
  spiral: "Plane: spiral",
  moons: "Plane: moons",
  gaussians: "Plane: two Gaussians",
  file: "Your file",
};

const wholeNumber = (low: number, high: number) => (text: string) =>
  /^\s*\d+\s*$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : undefined;
const atLeast = (low: number, open: boolean) => (text: string) => {
  const value = readNumber(text);
  return value > low || (!open && value === low) ? value : undefined;
};

const MOST_FULL_ROWS = 10_000; // of L-BFGS, in a page that shows each array of a step

function optimizerOption(name: TrainingOptimizer) {
  if (name !== "lbfgs") return { name };
  const many = (opened.value?.rows.train ?? 0) > MOST_FULL_ROWS;
  return { name: t(many ? "lbfgs (all rows a step: too many here)" : "lbfgs (all rows a step)"), disabled: many };
}

function chooseOptimizer(optimizer: TrainingOptimizer): void {
  choose(optimizer === "lbfgs" ? { optimizer, ...NO_LIMITS, augment: "none" } : { optimizer });
}

const EACH = "one a layer"; // in the page's language by namesOf

const namesOf = (hidden: number) =>
  [...ACTIVATIONS, ...(hidden > 1 ? ([EACH] as const) : [])].map((name) => ({
    value: name,
    name: name === EACH ? t(EACH) : name,
  }));

function chooseActivation(name: Activation | typeof EACH): void {
  const { activation, hidden } = draft.value;
  if (name !== EACH) choose({ activation: name });
  else if (typeof activation === "string") choose({ activation: hidden.map(() => activation) });
}

export function Settings() {
  const { value } = draft;
  const full = value.optimizer === "lbfgs"; // all rows a step, whose length is found
  return (
    <form class="settings" onSubmit={(event) => event.preventDefault()} aria-label={t("Settings")}>
      <fieldset>
        <legend>{t("Data")}</legend>
        <DataChoice />
        <PlaneSettings />
        <Facts />
        <Samples />
        <DropZone />
        <div class="pair">
          <TypedField
            label={t("Training rows")}
            hint={rowsHint(value.rows)}
            expected={t("a whole number")}
            value={value.rows}
            read={wholeNumber(0, 10_000_000)}
            onValue={(rows) => choose({ rows })}
          />
          <Switch
            label={t("Random labels")}
            hint={t("nothing to learn but by heart")}
            on={value.randomLabels}
            onSwitch={(randomLabels) => choose({ randomLabels })}
          />
        </div>
      </fieldset>
      <Distortions />
      <fieldset>
        <legend>{t("Network")}</legend>
        <LayerSizes />
        <div class="pair">
          <ChoiceField
            label={t("Activation σ")}
            value={typeof value.activation === "string" ? value.activation : EACH}
            options={namesOf(value.hidden.length)}
            onChoose={chooseActivation}
          />
          <ChoiceField
            label={t("First weights")}
            value={value.initialization}
            options={INITIALIZATIONS.map((name) => ({ value: name, name }))}
            onChoose={(initialization) => choose({ initialization })}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("Descent")}</legend>
        <LossField />
        <div class="pair">
          <ChoiceField
            label={t("Optimizer")}
            value={value.optimizer}
            options={PAGE_OPTIMIZERS.map((name) => ({ value: name, ...optimizerOption(name) }))}
            onChoose={chooseOptimizer}
          />
          {!full && (
            <TypedField
              label={t("Learning rate η")}
              expected={t("a number above 0")}
              value={value.learningRate}
              read={atLeast(0, true)}
              onValue={(learningRate) => choose({ learningRate })}
              suggestions={[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]}
            />
          )}
          {!full && (
            <TypedField
              label={t("Batch size B")}
              expected={t("a whole number from 1 to 65,536")}
              value={value.batchSize}
              read={wholeNumber(1, 65_536)}
              onValue={(batchSize) => choose({ batchSize })}
              suggestions={[1, 4, 16, 64, 256, 1024]}
            />
          )}
          <TypedField
            label={t("Weight decay λ")}
            expected={t("a number, 0 or more")}
            value={value.weightDecay}
            read={atLeast(0, false)}
            onValue={(weightDecay) => choose({ weightDecay })}
            suggestions={[0, 0.0001, 0.001, 0.01]}
          />
          <TypedField
            label={t("Epochs")}
            expected={t("a whole number from 1")}
            value={value.epochs}
            read={wholeNumber(1, 1_000_000)}
            onValue={(epochs) => choose({ epochs })}
          />
          <TypedField
            label={t("Seed")}
            expected={t("a whole number")}
            value={value.seed}
            read={wholeNumber(0, Number.MAX_SAFE_INTEGER)}
            onValue={(seed) => choose({ seed })}
          />
        </div>
        <StepFields />
      </fieldset>
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
  const there = (name: DataName) => name === "digits" || isPlanar(name) || name === data || served.value.includes(name);
  const options = (Object.keys(DATA_NAMES) as DataName[])
    .filter((name) => name !== "file" || data === "file")
    .map((name) => ({
      value: name,
      name: there(name) ? t(DATA_NAMES[name]) : t("{name} (not on this host)", { name: t(DATA_NAMES[name]) }),
      disabled: !there(name),
    }));
  return <ChoiceField label={t("Set")} value={data} options={options} onChoose={(next) => choose(forData(next))} />;
}

/** The settings that come with other data: a set in the plane has its own, and back. */
function forData(data: DataName): Partial<StudioSetup> {
  const [to, from] = [isPlanar(data), isPlanar(draft.value.data)];
  if (to === from) return { ...AS_FOUND, ...LEARNED_AS_USUAL, data };
  return { ...(to ? PLANAR_PRESET : DEFAULT_SETUP), ...LEARNED_AS_USUAL, data };
}

function PlaneSettings() {
  const { data, noise, points, features } = draft.value;
  if (!isPlanar(data)) return null;
  return (
    <>
      <div class="pair">
        <TypedField
          label={t("Noise")}
          expected={t("a number from 0 to 1")}
          value={noise}
          read={(text) => (readNumber(text) >= 0 && readNumber(text) <= 1 ? readNumber(text) : undefined)}
          onValue={(value) => choose({ noise: value })}
          suggestions={[0, 0.02, 0.04, 0.1, 0.2]}
        />
        <TypedField
          label={t("Points")}
          expected={t("a whole number from 2 to 10,000")}
          value={points}
          read={wholeNumber(2, 10_000)}
          onValue={(value) => choose({ points: value })}
          suggestions={[50, 100, 200, 500, 1000]}
        />
      </div>
      <fieldset class="features-of">
        <legend class="label">{t("Features")}</legend>
        {PLANAR_FEATURES.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={features.includes(name)}
              onChange={({ currentTarget }) => {
                const next = PLANAR_FEATURES.filter((each) =>
                  each === name ? currentTarget.checked : features.includes(each),
                );
                if (next.length > 0) choose({ features: next });
                else currentTarget.checked = true;
              }}
            />{" "}
            {name}
          </label>
        ))}
      </fieldset>
    </>
  );
}

/** That there are not so many rows, where the open data tell. */
function rowsHint(rows: number): string {
  const here = opened.value?.rows.train;
  const all = setup.value.rows === 0 && setup.value.data === draft.value.data;
  return rows > 0 && all && here !== undefined && rows >= here
    ? t("there are {n}: all are taken", { n: whole(here) })
    : t("0 takes all");
}
