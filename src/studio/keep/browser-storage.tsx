// What this browser keeps of the run, and how to forget it.
import { useSignal } from "@preact/signals";
import { attempt, lab, setup } from "../state/store.ts";

export function Stored() {
  const forgotten = useSignal(false);
  return (
    <section class="stored" aria-labelledby="stored-title">
      <h2 id="stored-title">In this browser</h2>
      <p>
        The run at hand, its curves and its parameters
        {setup.value.data === "file" ? ", and the files you gave it," : ""} are kept in this browser's own storage, so
        that a reload goes on where it was. Nothing leaves this machine.
      </p>
      <div class="keys">
        <button
          type="button"
          disabled={forgotten.value}
          onClick={async () => {
            forgotten.value =
              (await attempt(async () => {
                await lab.forget();
                return true;
              })) ?? false;
          }}
        >
          Forget it
        </button>
      </div>
      <p class="quiet" role="status">
        {forgotten.value &&
          "Forgotten. Until the next set-up is opened or reset, nothing is kept; a reload starts anew."}
      </p>
    </section>
  );
}
