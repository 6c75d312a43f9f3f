// The Ask view: who taught the network an answer, typical and unusual rows, labels that look wrong, the noise scale.
import "./ask.css";
import { DataRows } from "./data-rows.tsx";
import { NoiseChart } from "./noise-chart.tsx";
import { Teachers } from "./teachers.tsx";

export function AskView() {
  return (
    <div class="ask">
      <Teachers />
      <DataRows />
      <NoiseChart />
    </div>
  );
}
