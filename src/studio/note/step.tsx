// One training step, stage by stage, on the run's next mini-batch; the last stage applies it to the run.
import { computed, effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Quantity, ScalarValue } from "../lab/quantity.ts";
import { t } from "../language/words.ts";
import { Formula } from "../parts/formula.tsx";
import { localText } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { useLab } from "../parts/use-lab.ts";
import { attempt, lab, opened, place, progress, setup } from "../state/store.ts";
import { Diagram, type Light } from "./diagram.tsx";
import { ValueFigure } from "./figure.tsx";
import { openEquation } from "./open-equation.ts";
import { Prose } from "./prose.tsx";
import { symbolOf } from "./quantity-names.ts";
import { keyOf } from "./selection.ts";
import { arraysOfStep, type Stage, stagesOf } from "./stages.ts";

const at = signal(0);
const playing = signal(false);

const depthOf = (): number => (opened.value?.layers.length ?? 2) - 1;
const lossNow = () => opened.value?.loss.name ?? "softmax-cross-entropy";
const last = computed(() => stagesOf(depthOf(), lossNow()).length - 1);
const done = computed(() => at.value >= last.value);

let shown: ReadonlyMap<string, ScalarValue> = new Map();

/** All arrays of the next mini-batch. After the step only the parameters are read again: its gradients stay shown. */
function useValues(): ReadonlyMap<string, ScalarValue> {
  const answer = useLab(() => {
    const taken = done.value;
    const wanted = arraysOfStep(depthOf(), lossNow()).filter(({ kind }) => !taken || kind === "W" || kind === "b");
    const example = place.peek();
    return async () => {
      const found = await lab.values(example, wanted);
      const fresh = new Map(wanted.map((quantity, k) => [keyOf(quantity), found[k]!]));
      shown = taken ? new Map([...shown, ...fresh]) : fresh;
      return shown;
    };
  });
  return answer.value ?? shown;
}

/** To another stage: the last one takes the step, and after it comes the next mini-batch. */
async function go(stage: number): Promise<void> {
  const from = at.peek();
  if (stage < 0 || stage === from) return;
  at.value = from === last.peek() && stage > from ? 0 : Math.min(stage, last.peek());
  if (at.peek() === last.peek()) await attempt(() => lab.step());
}

const STAGE_MS = 1400; // of each stage while playing

effect(() => {
  if (!playing.value) return;
  const timer = setInterval(() => {
    void go(at.peek() + 1);
    if (done.peek()) playing.value = false;
  }, STAGE_MS);
  return () => clearInterval(timer);
});

/** The arrow keys change the stage, except in controls that use them; leaving the page stops playing. */
function useArrowKeys(): void {
  useEffect(() => {
    const act = (event: KeyboardEvent) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const taken = event.target instanceof Element && event.target.closest("input, select, [role=application]");
      if (by === undefined || taken || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      void go(at.peek() + by);
    };
    document.addEventListener("keydown", act);
    return () => {
      document.removeEventListener("keydown", act);
      playing.value = false;
    };
  }, []);
}

export function OneStep() {
  const values = useValues();
  useArrowKeys();
  const info = opened.value;
  if (!info) return <p class="empty">{t("The data are being opened …")}</p>;
  const depth = info.layers.length - 1;
  const all = stagesOf(depth, info.loss.name);
  const now = Math.min(at.value, last.value);
  const stage = all[now]!;
  const known = new Set(all.slice(0, now + 1).flatMap(({ makes }) => makes.map(keyOf)));
  const light = (quantity: Quantity): Light => {
    const among = (list: readonly Quantity[]) => list.some((each) => keyOf(each) === keyOf(quantity));
    if (among(stage.makes)) return "made";
    if (among(stage.uses)) return "used";
    return known.has(keyOf(quantity)) || quantity.kind === "W" || quantity.kind === "b" ? "there" : "not yet";
  };
  return (
    <div class="step">
      <div class="stage">
        <p class="quiet">
          {t("Step {n}, stage {stage} of {all}", {
            n: (progress.value?.steps ?? 0) + (now === last.value ? 0 : 1),
            stage: now + 1,
            all: all.length,
          })}
        </p>
        <div aria-live="polite" lang="en">
          <h2>
            <Prose text={stage.title} />
          </h2>
          <p class="says">{stage.explanation}</p>
        </div>
        <Formula tex={stage.latex} display />
        <div class="keys">
          <button type="button" disabled={now === 0} onClick={() => void go(now - 1)}>
            {t("Previous")}
          </button>
          <button type="button" class="primary" onClick={() => void go(now + 1)}>
            {t(now === last.value ? "Next mini-batch" : now === last.value - 1 ? "Apply the step" : "Next")}
          </button>
          <button
            type="button"
            aria-pressed={playing.value}
            onClick={() => {
              playing.value = !playing.value;
            }}
          >
            {t(playing.value ? "Stop the stages" : "Play the stages")}
          </button>
          {stage.equation && (
            <button type="button" class="plain" onClick={() => openEquation(stage.equation)}>
              {stage.equation}
            </button>
          )}
        </div>
        {now === last.value && (
          <p class="quiet">
            {t("η = {rate}, optimizer {optimizer}.", {
              rate: localText(String(setup.value.learningRate)),
              optimizer: setup.value.optimizer,
            })}
          </p>
        )}
      </div>
      <Diagram arrays={arraysOfStep(depth, info.loss.name)} depth={depth} values={values} light={light} />
      <Made stage={stage} values={values} />
    </div>
  );
}

const FACES = 24; // rows of the mini-batch shown as pictures

/** The first array of a stage, large; the gathered mini-batch as pictures. */
function Made({
  stage: { makes },
  values,
}: {
  readonly stage: Stage;
  readonly values: ReadonlyMap<string, ScalarValue>;
}) {
  const quantity = makes[0]!;
  const value = values.get(keyOf(quantity));
  const image = opened.value?.image;
  if (!value) return null;
  if (quantity.kind === "a" && quantity.layer === 0 && image)
    return (
      <div
        class="made-now faces"
        role="img"
        aria-label={t("The first {n} of {all} examples", { n: Math.min(FACES, value.rows), all: value.rows })}
      >
        {Array.from({ length: Math.min(FACES, value.rows) }, (_, i) => (
          <Picture key={i} pixels={value.values.subarray(i * value.cols, (i + 1) * value.cols)} {...image} label="" />
        ))}
      </div>
    );
  return (
    <div class="made-now">
      <p>
        <Formula tex={symbolOf(quantity)} />
      </p>
      <ValueFigure quantity={quantity} value={value} />
    </div>
  );
}
