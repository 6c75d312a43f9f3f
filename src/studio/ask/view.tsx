// The Ask view: who taught the network an answer, typical and unusual rows, labels that look wrong, the noise scale.
import { t } from "../language/words.ts";
import "./ask.css";
import { opened } from "../state/store.ts";
import { DataRows } from "./data-rows.tsx";
import { NoiseChart } from "./noise-chart.tsx";
import { Teachers } from "./teachers.tsx";

export function AskView() {
  const classes = opened.value?.task === "classify";
  return (
    <div class="ask">
      {classes ? <Teachers /> : <NotOfNumbers />}
      <DataRows />
      <NoiseChart />
    </div>
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
