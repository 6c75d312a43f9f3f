// The Ask view: who taught the network an answer, typical and unusual rows, labels that look wrong, the noise scale.
import { t } from "../language/words.ts";
import "./ask.css";
import { opened } from "../state/store.ts";
import { DataRows } from "./data-rows.tsx";
import { NoiseChart } from "./noise-chart.tsx";
import { Teachers } from "./teachers.tsx";

export function AskView() {
  const classes = opened.value?.task === "classify";
  const normalized = opened.value?.setup.layerNorm;
  return (
    <div class="ask">
      {classes && !normalized && <Teachers />}
      {!classes && <NotOfNumbers />}
      {normalized ? <NotOfNormalized /> : <DataRows />}
      <NoiseChart />
    </div>
  );
}

function NotOfNormalized() {
  return (
    <p class="quiet">
      {t(
        "Influence and the norm of an example’s gradient count weights and biases alone: they are not asked of networks with layer normalization, whose gains and offsets would have a share.",
      )}
    </p>
  );
}

function NotOfNumbers() {
  return (
    <p class="quiet" id="teachers">
      {t(
        opened.value?.task === "regress"
          ? "Who taught an answer, and which labels look wrong, is asked of runs that learn a class; this one learns numbers."
          : "Who taught an answer, and which labels look wrong, is asked of runs that learn a class; this one learns labels that are there or not.",
      )}
    </p>
  );
}
