// Play, pause, step and reset, and the run's progress: above every view.
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { newestScore, testAccuracyOf } from "../lab/epoch-points.ts";
import { LanguageSwitch } from "../language/language-switch.tsx";
import { plural, rich, t } from "../language/words.ts";
import { scoreName } from "../parts/answer-words.ts";
import { fixedNumber, percentText, shortNumber, whole } from "../parts/numbers.ts";
import { attempt, change, epochs, lab, opened, progress, reset, setup } from "../state/store.ts";
import { setTypeSize, TYPE_SIZES, type TypeSize, typeSize } from "../state/type-size.ts";

/** Whether single letters are shortcuts: a setting of the visitor's. */
const keysOn = signal(true);

/** After the last epoch "Play" trains on, as many epochs again. */
const first = signal(setup.value.epochs);
effect(() => {
  if (progress.value?.steps === 0) first.value = setup.value.epochs;
});

async function playOrPause(): Promise<void> {
  const at = progress.value;
  if (at?.ended && !(await change({ epochs: at.epoch - 1 + first.value }))) return;
  await attempt(() => (at?.playing ? lab.pause() : lab.play()));
}

const step = () => attempt(() => lab.step());
const ready = () => progress.value !== null && !progress.value.ended;

const KEYS: Record<string, () => unknown> = {
  p: () => opened.value && playOrPause(),
  s: () => ready() && step(),
  r: () => progress.value && reset(),
};

export function Transport() {
  const at = progress.value;
  const found = opened.value;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const writing = (event.target as HTMLElement).closest("input, select, textarea, [contenteditable]");
      if (!keysOn.value || writing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      KEYS[event.key.toLowerCase()]?.();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  const share = at && found ? at.steps / (found.stepsPerEpoch * setup.value.epochs) : 0;
  return (
    <section class="transport" aria-label={t("Play and progress")}>
      <div class="keys">
        <button type="button" class="primary play" disabled={!at} title={`${playName()} (P)`} onClick={playOrPause}>
          <Icon path={at?.playing ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2l10 6-10 6z"} />
          {playName()}
        </button>
        <button type="button" disabled={!ready()} title={t("One mini-batch (S)")} onClick={step}>
          <Icon path="M3 2l7 6-7 6zM11 2h2v12h-2z" />
          {t("Step")}
        </button>
        <button
          type="button"
          disabled={!at}
          title={t("The same set-up from its first step; this run stays kept (R)")}
          onClick={reset}
        >
          <Icon path="M3 2h2v5l8-5v12L5 9v5H3z" />
          {t("Reset")}
        </button>
      </div>
      {at && found && (
        <dl class="where" aria-live="off">
          <Figure
            name={t("epoch")}
            value={t("{n} of {all}", {
              n: whole(Math.min(at.epoch, setup.value.epochs)),
              all: whole(setup.value.epochs),
            })}
          />
          <Figure name={t("loss")} value={at.loss === null ? "–" : shortNumber(at.loss)} />
          <Figure name={t("test")} value={testText()} />
        </dl>
      )}
      {at && (
        <p class="unseen" role="status">
          {t(at.playing ? "Training" : at.ended ? "The run has ended" : "Paused")}
        </p>
      )}
      <span class="line" style={{ transform: `scaleX(${Math.min(1, share)})` }} />
    </section>
  );
}

function playName(): string {
  const at = progress.value;
  return t(at?.playing ? "Pause" : at?.ended ? "Train on" : "Play");
}

function testText(): string {
  const accuracy = testAccuracyOf(epochs.value);
  const score = newestScore(epochs.value);
  if (score !== null) return `${scoreName(opened.value!.task)} ${fixedNumber(score, 4)}`;
  return accuracy == null ? "–" : percentText(accuracy);
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const Icon = ({ path }: { readonly path: string }) => (
  <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={path} fill="currentColor" />
  </svg>
);

/** The page's foot: the engine and its threads, and the switch of the shortcuts. */
export function Foot() {
  const found = opened.value;
  return (
    <footer class="foot">
      {found && (
        <p>
          {t("Engine {engine}, {threads};", {
            engine: found.engine,
            threads: plural(found.threads, "{n} thread", "{n} threads"),
          })}{" "}
          {found.isolated
            ? t("memory is shared between workers.")
            : t("this page is not cross-origin isolated, so one worker computes: the same bits, more slowly.")}
        </p>
      )}
      <label class="type-size">
        {t("Type")}{" "}
        <select value={typeSize.value} onChange={({ currentTarget }) => setTypeSize(currentTarget.value as TypeSize)}>
          {(Object.keys(TYPE_SIZES) as TypeSize[]).map((name) => (
            <option key={name} value={name}>
              {t(name)}
            </option>
          ))}
        </select>
      </label>
      <LanguageSwitch />
      <label class="switch">
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={(event) => {
            keysOn.value = event.currentTarget.checked;
          }}
        />
        <span>
          {rich("Letters act: {P} play or pause, {S} step, {R} reset", {
            P: <kbd>P</kbd>,
            S: <kbd>S</kbd>,
            R: <kbd>R</kbd>,
          })}
        </span>
      </label>
    </footer>
  );
}
