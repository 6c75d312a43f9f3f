// The Keep view: the model in four formats, the run's record, the link that repeats it, and the saved run.
import { useEffect } from "preact/hooks";
import { betweenText } from "../../network/network.ts";
import { plural, t } from "../language/words.ts";
import { Copy } from "../parts/copy.tsx";
import { whole } from "../parts/numbers.ts";
import { followParameterStatus, parameterStatus } from "../state/parameter-status.ts";
import { opened, progress, setup } from "../state/store.ts";
import { LossChart, RightChart } from "../train/training-curves.tsx";
import { KeptRunsPanel } from "./kept-runs-panel.tsx";
import { ModelFiles } from "./model-files.tsx";
import { RecordPanel } from "./run-record-panel.tsx";
import "./keep.css";

/** The data argument of `deltaprop test`: a named set, or the visitor's file. */
const terminalName = (): string => (setup.value.data === "file" ? t("YOUR-FILE") : setup.value.data);

export function KeepView() {
  useEffect(followParameterStatus, []);
  const found = opened.value;
  const at = progress.value;
  if (!found || !at) return <p class="empty">{t("Opening the data …")}</p>;
  const now = parameterStatus.value;
  return (
    <div class="keep">
      <section class="model" aria-labelledby="model-title">
        <h2 id="model-title">{t("The model")}</h2>
        <p>
          {found.layers.join(" – ")}, <span lang="en">{betweenText({ layers: found.layers, ...setup.value })}</span>:{" "}
          {t("{parameters} parameters after {steps} steps on {name}", {
            parameters: whole(found.parameters),
            steps: whole(at.steps),
            name: found.name,
          })}
          {found.model && `, ${t("from the model {name}", { name: found.model.name })}`}.
        </p>
        <Copy text={now?.parametersSha256 ?? ""} label={t("SHA-256 of the parameters")} />
        {now && now.taught > 0 && (
          <p class="note">
            {plural(
              now.taught,
              "Taught once by hand in the Draw view: these parameters do not follow from the seed alone.",
              "Taught {n} times by hand in the Draw view: these parameters do not follow from the seed alone.",
            )}
          </p>
        )}
        <ModelFiles />
        <p class="quiet">
          {t("In a terminal, where the file lies:")} <code>deltaprop test FILE.safetensors {terminalName()}</code>
        </p>
      </section>
      <RecordPanel />
      <section class="pictures" aria-labelledby="pictures-title">
        <h2 id="pictures-title">{t("Pictures")}</h2>
        <p class="quiet">{t("SVG for print, PNG for slides. The charts of the Train view have the same buttons.")}</p>
        <div>
          <LossChart height={180} />
          <RightChart height={180} />
        </div>
      </section>
      <KeptRunsPanel />
    </div>
  );
}
