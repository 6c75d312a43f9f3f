// The run saved in this browser, and a button that deletes it.
import { useSignal } from "@preact/signals";
import { attempt, lab, setup } from "../state/store.ts";

export function SavedRunPanel() {
  const deleted = useSignal(false);
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
          disabled={deleted.value}
          onClick={async () => {
            deleted.value =
              (await attempt(async () => {
                await lab.deleteSavedRun();
                return true;
              })) ?? false;
          }}
        >
          Forget it
        </button>
      </div>
      <p class="quiet" role="status">
        {deleted.value && "Forgotten. Until the next set-up is opened or reset, nothing is kept; a reload starts anew."}
      </p>
    </section>
  );
}
