// Play, pause, step and reset, and where the run is: the one strip that every view has.
import { attempt, lab, opened, progress, reset, setup } from "../state/store.ts";

export function Transport() {
  const at = progress.value;
  const found = opened.value;
  return (
    <section class="transport" aria-label="The run">
      <div class="keys">
        <button
          type="button"
          class="primary"
          disabled={!at || at.ended}
          onClick={() => attempt(() => (at?.playing ? lab.pause() : lab.play()))}
        >
          {at?.playing ? "Pause" : "Play"}
        </button>
        <button type="button" disabled={!at || at.ended} onClick={() => attempt(() => lab.step())}>
          Step
        </button>
        <button type="button" disabled={!at} onClick={reset}>
          Reset
        </button>
      </div>
      {at && found && (
        <p class="where">
          epoch {at.epoch} of {setup.value.epochs}, step {at.step} of {found.stepsPerEpoch}
        </p>
      )}
    </section>
  );
}
