// The Draw view: a pad, the network's input, its prediction, the pixel gradient, and teaching.
import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../language/words.ts";
import { Bars } from "../parts/bars.tsx";
import { localText, percentText } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { followParameterStatus } from "../state/parameter-status.ts";
import { DEFAULT_SETUP } from "../state/setup.ts";
import { open, opened, progress, setup, tick } from "../state/store.ts";
import { whetherItWentOn } from "../state/went-on.ts";
import { BringPanel } from "./bring-panel.tsx";
import {
  centeredBy,
  clear,
  down,
  drawable,
  example,
  lines,
  pixels,
  prediction,
  SIDE,
  takeExample,
  targetClass,
  temperature,
  undo,
  updatePrediction,
} from "./drawing.ts";
import { Gather } from "./gather-panel.tsx";
import { Pad } from "./pad.tsx";
import { Push } from "./push.tsx";
import { Teach } from "./teach.tsx";
import { tempered } from "./tempered.ts";
import { TryRow } from "./try-row.tsx";
import "./draw.css";

const BLANK = new Uint8Array(SIDE * SIDE);

export function DrawView() {
  useEffect(() => {
    const wentOn = whetherItWentOn(tick);
    const stop = effect(() => {
      for (const each of [lines, example, targetClass, opened]) each.value; // all that it depends on beside the run
      updatePrediction(!wentOn());
    });
    const stopStatus = followParameterStatus();
    return () => {
      stop();
      stopStatus();
    };
  }, []);
  const found = opened.value;
  if (!found) return <p class="empty">{t("Opening the data …")}</p>;
  if (found.task !== "classify") return found.image || found.picture ? <NeedsClasses /> : <TryRow />;
  if (!drawable.value) return found.image || found.picture ? <NeedsPictures /> : <TryRow />;
  const { classes } = found;
  const shown = pixels.value;
  const answer = prediction.value;
  const shares = shown && answer ? tempered(answer.probabilities, temperature.value) : null;
  const live = down.value || progress.value?.playing ? "off" : "polite";
  const verdict = shares ? (
    <>
      <strong>{classes[answer!.predicted]}</strong>, {percentText(shares[answer!.predicted]!)}
    </>
  ) : (
    <span>{t("nothing yet")}</span>
  );
  return (
    <div class="draw">
      <section class="sheet" aria-labelledby="sheet-title">
        <h2 id="sheet-title">{t("Draw")}</h2>
        <p class="verdict on-phone" aria-live={live}>
          {verdict}
        </p>
        <Pad />
        <div class="tools">
          <button type="button" disabled={!shown} onClick={undo}>
            {t("Undo")}
          </button>
          <button type="button" disabled={!shown} onClick={clear}>
            {t("Clear")}
          </button>
          <button type="button" onClick={() => takeExample(example.value ? 1 : 0)}>
            {t(example.value ? "Next example" : "Take an example")}
          </button>
        </div>
        <p class="quiet">
          {example.value
            ? t(
                example.value.place.part === "test"
                  ? "Example {row} of the test part, labelled {name}."
                  : "Example {row} of the training part, labelled {name}.",
                { row: example.value.place.row + 1, name: classes[example.value.label]! },
              )
            : t("Mouse, finger or pen; or take an example of the data.")}
        </p>
        <BringPanel />
      </section>
      <section class="says" aria-labelledby="says-title">
        <h2 id="says-title">{t("It says")}</h2>
        <p class="verdict" aria-live={live}>
          {verdict}
        </p>
        <Bars
          names={classes}
          values={shares ?? new Float64Array(classes.length)}
          picked={shown && answer ? answer.predicted : undefined}
          label={t("Probability of each class")}
        />
        {progress.value?.steps === 0 && (
          <p class="quiet">
            {found.model
              ? t("The network is the model {name}, as it came.", { name: found.model.name })
              : t("The network has not trained yet, so it guesses. Play, and watch the bars move.")}
          </p>
        )}
        {shown && answer && (
          <p class="quiet">
            {t("The bars share out 100 % among the classes, whatever was drawn: a scribble gets its share, too.")}
          </p>
        )}
        <label class="temperature">
          <span>
            {t("Temperature T = {T}", { T: localText(String(temperature.value)) })}{" "}
            <span class="quiet">{t("softmax(z/T): more doubt, the same winner")}</span>
          </span>
          <input
            type="range"
            min="0.5"
            max="10"
            step="0.5"
            value={temperature.value}
            onInput={({ currentTarget }) => {
              temperature.value = Number(currentTarget.value);
            }}
          />
        </label>
      </section>
      <section class="seen" aria-labelledby="seen-title">
        <h2 id="seen-title">{t("It sees")}</h2>
        <Picture
          pixels={shown ?? BLANK}
          height={SIDE}
          width={SIDE}
          label={t("The picture that the network is given, {side} × {side}", { side: SIDE })}
        />
        <p class="quiet">{broughtText(found.name)}</p>
      </section>
      <Push prediction={shown ? answer : null} pixels={shown} classes={classes} />
      <Teach />
      <Gather />
    </div>
  );
}

/** How the network's input was made of what is on the pad. */
function broughtText(name: string): string {
  if (example.value) return t("28 × 28 pixels, as they are in the data.");
  if (centeredBy.value === null)
    return t("28 × 28 pixels, as the lines lie on the pad: these data's pictures are not centered either.");
  return t(
    centeredBy.value === "mass"
      ? "28 × 28 pixels, brought to where the pictures of {name} lie: the longer side is 20, and its center of mass is in the middle."
      : "28 × 28 pixels, brought to where the pictures of {name} lie: the longer side is 20, and its frame is in the middle.",
    { name },
  );
}

/** Where pictures have numbers or labels to learn. */
function NeedsClasses() {
  return (
    <p class="empty">
      {t(
        "Drawings are asked for a class, and this run answers with numbers or labels. The Watch view shows what it says of each picture of {name}.",
        { name: opened.value!.name },
      )}
    </p>
  );
}

/** Where the run's data are no images of 28×28. */
function NeedsPictures() {
  const { picture, image, name } = opened.value!;
  const { height, width } = (image ?? picture)!;
  return (
    <div class="empty">
      <p>
        {t(
          image
            ? "A drawing is a grey picture of 28 × 28 pixels, and this run reads pictures of {height} × {width} from {name}."
            : "A drawing is a grey picture of 28 × 28 pixels, and this run reads pictures of {height} × {width} in color from {name}.",
          { height, width, name },
        )}
      </p>
      <button
        type="button"
        class="primary"
        onClick={() => open({ ...setup.value, data: "digits", rows: DEFAULT_SETUP.rows })}
      >
        {t("Open the digits")}
      </button>
    </div>
  );
}
