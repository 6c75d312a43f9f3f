// The Train view: what is trained on the left, how it goes on the right.
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
