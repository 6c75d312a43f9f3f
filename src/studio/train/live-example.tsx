// On a narrow page: the chosen example and what the network says to it, as the run goes on.
import { signal } from "@preact/signals";
import { t } from "../language/words.ts";
import { useChosenExample } from "../parts/chosen-example.ts";
import { Verdict } from "../parts/verdict.tsx";
import { opened } from "../state/store.ts";

const query = matchMedia("(max-width: 820px)"); // as in train.css
const narrow = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  narrow.value = matches;
});

/** Where a plane is shown, that is alive. */
export function LiveExample() {
  return narrow.value && opened.value?.plane === false ? <Shown /> : null;
}

function Shown() {
  const { sight, example } = useChosenExample();
  return (
    <section class="live-example" ref={sight.place} aria-labelledby="live-example-title">
      <h2 id="live-example-title" class="unseen">
        {t("One example")}
      </h2>
      {example.value && <Verdict example={example.value} />}
    </section>
  );
}
