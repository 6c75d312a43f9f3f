// The run's record, how `deltaprop verify` repeats it, and the link that opens its set-up.
import { computed, useSignal } from "@preact/signals";
import { Copy } from "../parts/copy.tsx";
import { saveFile } from "../parts/save-file.ts";
import { parameterStatus } from "../state/parameter-status.ts";
import { writeAddress } from "../state/setup.ts";
import { attempt, lab, setup } from "../state/store.ts";

const link = computed(() => {
  const { origin, pathname } = location;
  return `${origin}${pathname}${writeAddress({ setup: setup.value, view: "train", lesson: "" })}`;
});

export function RecordPanel() {
  const text = useSignal("");
  const read = async (): Promise<string> => {
    text.value = (await attempt(() => lab.record())) ?? "";
    return text.value;
  };
  return (
    <section class="record" aria-labelledby="record-title">
      <h2 id="record-title">To repeat the run</h2>
      <Copy text={link.value} label="Link that repeats it" />
      <p class="quiet">
        The whole set-up is in the link, seed and all; play it, and every epoch has the same SHA-256.{given()}
      </p>
      <h3>run.json</h3>
      <p>Every option, what the data were, and the SHA-256 after every epoch. {repeatable()}</p>
      <div class="keys">
        <button
          type="button"
          onClick={async () => {
            const record = await read();
            if (record) saveFile("run.json", record, "application/json");
          }}
        >
          Download
        </button>
        <button
          type="button"
          aria-expanded={text.value !== ""}
          onClick={() => (text.value ? (text.value = "") : read())}
        >
          {text.value ? "Hide" : "Show"}
        </button>
      </div>
      {text.value && <textarea class="mono" readOnly rows={18} aria-label="run.json" value={text.value} />}
    </section>
  );
}

/** A text: what the link does not contain. */
function given(): string {
  const file = setup.value.data === "file" ? " Whoever opens it needs your file too." : "";
  return parameterStatus.value && parameterStatus.value.taught > 0 ? `${file} Your lessons are not in it.` : file;
}

/** A text: whether `deltaprop verify` can repeat the record. */
function repeatable(): string {
  const { data, rows, randomLabels } = setup.value;
  if (parameterStatus.value && parameterStatus.value.taught > 0)
    return "It says that the run was taught by hand; deltaprop verify cannot repeat a hand.";
  if (data === "file" || rows > 0 || randomLabels)
    return "deltaprop verify needs the whole of a named set; these rows were chosen in this page.";
  return "In a folder with the safetensors file, saved as model.safetensors, deltaprop verify FOLDER trains again and compares.";
}
