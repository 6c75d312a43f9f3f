// The runs kept in this browser: opened again, renamed, deleted; and whether any are kept at all.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { KeptRun } from "../lab/protocol.ts";
import { locale, plural, t } from "../language/words.ts";
import { Switch } from "../parts/field.tsx";
import { fixedNumber, localText, percentText, whole } from "../parts/numbers.ts";
import { compared, toggleCompared } from "../state/compared.ts";
import { attempt, keeping, keepRuns, lab, opened, progress, reopen, setupOf } from "../state/store.ts";

export function KeptRunsPanel() {
  const runs = useSignal<readonly KeptRun[]>([]);
  const load = async () => {
    runs.value = (await attempt(() => lab.keptRuns())) ?? [];
  };
  useSignalEffect(() => {
    opened.value?.id; // another run is open
    progress.value?.playing; // it was saved
    keeping.value;
    void load();
  });
  const then = (work: () => Promise<unknown>) => async () => {
    await attempt(work);
    await load();
  };
  const others = runs.value.filter(({ id }) => id !== opened.value?.id);
  return (
    <section class="stored" aria-labelledby="stored-title">
      <h2 id="stored-title">{t("Runs in this browser")}</h2>
      <p class="quiet">
        {keeping.value
          ? t(
              "Runs that took a step are kept in this browser's own storage, the last twenty, with their parameters and your files. Nothing leaves this machine. A tab that is reloaded goes on with its own.",
            )
          : t("Nothing is kept: a reload starts anew.")}
      </p>
      <ul class="runs-kept">
        {runs.value.map((run) => (
          <li key={run.id}>
            <input
              type="text"
              aria-label={t("Title of the run on {name}", { name: run.data.name })}
              value={run.title}
              placeholder={run.data.name}
              maxLength={80}
              onChange={({ currentTarget: { value } }) => void then(() => lab.renameRun(run.id, value.trim()))()}
            />
            <p class="quiet">{factsOf(run)}</p>
            <p class="keys">
              {run.id === opened.value?.id ? (
                <span>{t("open here")}</span>
              ) : (
                <>
                  <button type="button" onClick={() => void reopen(run.id)}>
                    {t("Open")}
                  </button>
                  <button
                    type="button"
                    aria-pressed={compared.value.some(({ id }) => id === run.id)}
                    onClick={() => void toggleCompared(run)}
                  >
                    {t("Compare")}
                  </button>
                  <button type="button" class="plain" onClick={then(() => lab.removeRuns([run.id]))}>
                    {t("Delete")}
                  </button>
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
      <div class="keys">
        <button
          type="button"
          disabled={others.length === 0}
          onClick={then(() => lab.removeRuns(others.map(({ id }) => id)))}
        >
          {t("Delete all but the open one")}
        </button>
        <Switch
          label={t("Keep nothing here")}
          hint={t("for a shared computer: also the open run goes when the page does")}
          on={!keeping.value}
          onSwitch={(on) => void then(() => keepRuns(!on))()}
        />
      </div>
    </section>
  );
}

function testText({ testAccuracy, testScore = null }: KeptRun): string {
  if (testAccuracy !== null) return t("test {share}", { share: percentText(testAccuracy) });
  return testScore === null ? t("not tested yet") : t("test R² or F₁ {score}", { score: fixedNumber(testScore, 4) });
}

/** A kept run in one line: its data, network, settings and where it stands. */
function factsOf(run: KeptRun): string {
  const { data, layers, epoch, ended, model, taught, saved } = run;
  const { optimizer, learningRate, batchSize, epochs, seed } = setupOf(run);
  const facts = [
    `${data.name} (SHA-256 ${data.sha256.slice(0, 8)}…)`,
    layers.join("–"),
    `${optimizer}, η ${localText(String(learningRate))}, B ${batchSize}, ${t("seed {n}", { n: seed })}`,
    ended
      ? plural(epochs, "all {n} epoch", "all {n} epochs")
      : t("epoch {n} of {all}", { n: whole(epoch), all: whole(epochs) }),
    testText(run),
    ...(model ? [t("from the model {name}", { name: model.name })] : []),
    ...(taught > 0 ? [plural(taught, "taught once", "taught {n} times")] : []),
    new Date(saved).toLocaleString(locale.value),
  ];
  return facts.join(" · ");
}
