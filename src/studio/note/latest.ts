// Questions to the lab that are asked again and again: never two at a time, and the last one is never left out.
import { LabError } from "../lab/client.ts";
import { failure } from "../state/store.ts";

/** A function that runs `work`; called while it runs, it runs once more afterwards. What the lab refuses is shown. */
export function latestOnly(work: () => Promise<void>): () => void {
  let [running, again] = [false, false];
  const go = async () => {
    again = running;
    if (running) return;
    running = true;
    try {
      await work();
    } catch (error) {
      const { code, message } = error instanceof LabError ? error : { code: "BUG", message: String(error) };
      failure.value = { code, message };
    }
    running = false;
    if (again) go();
  };
  return go;
}
