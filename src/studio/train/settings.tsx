// The settings form: data, network, optimizer.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isPlanar, PLANAR_FEATURES } from "../../data/planar/planar.ts";
import { OPTIMIZERS } from "../../gradients/kernels.ts";
import { INITIALIZATIONS } from "../../network/parameters.ts";
import { type PlainText, plural, t } from "../language/words.ts";
import { learnedWords } from "../parts/answer-words.ts";
import { ChoiceField, Switch, TypedField } from "../parts/field.tsx";
import { shortNumber, whole } from "../parts/numbers.ts";
import { PAGE_ACTIVATIONS } from "../state/page-activation.ts";
import { AS_FOUND } from "../state/reading.ts";
import {
  type DataName,
  DEFAULT_SETUP,
  LEARNED_AS_USUAL,
  PLANAR_PRESET,
  readNumber,
  type StudioSetup,
} from "../state/setup.ts";
import { opened, setup, starting } from "../state/store.ts";
import { Distortions } from "./distortion-knobs.tsx";
import { choose, draft, loading } from "./draft.ts";
import { DropZone } from "./drop-zone.tsx";
import { LayerSizes } from "./layer-sizes.tsx";
import { LossField } from "./loss-field.tsx";
import { Samples } from "./samples.tsx";

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

export function Settings() {
  const { value } = draft;
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
            value={value.activation}
            options={PAGE_ACTIVATIONS.map((name) => ({ value: name, name }))}
            onChoose={(activation) => choose({ activation })}
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
            options={OPTIMIZERS.map((name) => ({ value: name, name }))}
            onChoose={(optimizer) => choose({ optimizer })}
          />
          <TypedField
            label={t("Learning rate η")}
            expected={t("a number above 0")}
            value={value.learningRate}
            read={atLeast(0, true)}
            onValue={(learningRate) => choose({ learningRate })}
            suggestions={[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]}
          />
          <TypedField
            label={t("Batch size B")}
            expected={t("a whole number from 1 to 65,536")}
            value={value.batchSize}
            read={wholeNumber(1, 65_536)}
            onValue={(batchSize) => choose({ batchSize })}
            suggestions={[1, 4, 16, 64, 256, 1024]}
          />
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

function Facts() {
  const found = opened.value;
  if (!found) return <p class="quiet">{t(loading.value || starting.value ? "Reading the data …" : "No data yet.")}</p>;
  const { rows, image, cols, name, warnings, notes } = found;
  const form = image ? t("{height} × {width} grey images", image) : plural(cols, "{n} feature", "{n} features");
  if (loading.value) return <p class="quiet">{t("Reading …")}</p>;
  return (
    <>
      <p class="quiet">
        {t("{name}: {train} rows to train on, {test} to test on; {form}, {classes}.", {
          name,
          train: whole(rows.train),
          test: whole(rows.test),
          form,
          classes: learnedWords(found),
        })}
      </p>
      <TargetScale />
      {opened.value?.setup.data === "file" && <ToFound />}
      {notes.length > 0 && (
        <p class="quiet" lang="en">
          {notes.join(" ")}
        </p>
      )}
      {warnings.length > 0 && (
        <ul class="warnings" lang="en">
          {warnings.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </>
  );
}

const MOST_TARGETS = 3;

/** How numbers to learn are scaled. */
function TargetScale() {
  const { targetScaling, classes } = opened.value!;
  if (!targetScaling) return null;
  const { mean, deviation } = targetScaling;
  const each = classes
    .slice(0, MOST_TARGETS)
    .map((name, j) => `${name} ${shortNumber(mean[j]!, 4)} ± ${shortNumber(deviation[j]!)}`);
  const more = classes.length > MOST_TARGETS ? ", …" : "";
  return (
    <p class="quiet">
      {t("{targets} in the training rows: learned at mean 0 and deviation 1, answered as in the data.", {
        targets: each.join(", ") + more,
      })}
    </p>
  );
}

/** The way to what was found in the file: on a phone it lies far below. */
function ToFound() {
  const to = () => {
    const panel = document.getElementById("found");
    panel?.scrollIntoView();
    panel?.focus();
  };
  return (
    <p class="quiet">
      <button type="button" class="plain" onClick={to}>
        {t("What was found in it, and other ways to read it")}
      </button>
    </p>
  );
}
