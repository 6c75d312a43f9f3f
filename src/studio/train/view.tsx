// The Train view: settings on the left, results on the right.
import "./found.css";
import "./train.css";
import { Results } from "./results.tsx";
import { Settings } from "./settings.tsx";

export function TrainView() {
  return (
    <div class="train">
      <Settings />
      <Results />
    </div>
  );
}
