// The example that the visitor has chosen, as the network sees it while the run goes on and the part is in sight.
import { lab, place } from "../state/store.ts";
import { useSight } from "./sight.ts";
import { useLab } from "./use-lab.ts";

/** `sight.place`: the `ref` of the part's element. */
export function useChosenExample() {
  const sight = useSight();
  const example = useLab(
    () => {
      const at = place.value;
      return () => lab.example(at);
    },
    { sight },
  );
  return { sight, example };
}
