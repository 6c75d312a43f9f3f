// The run's record, how `deltaprop verify` repeats it, and the link that opens its set-up.
import { computed, useSignal } from "@preact/signals";
import { Copy } from "../parts/copy.tsx";
import { saveFile } from "../parts/save-file.ts";
import { beyondLink, unverifiable } from "../state/repeatable.ts";
import { writeAddress } from "../state/setup.ts";
import { attempt, lab, setup } from "../state/store.ts";

const LOOPBACK = /^(localhost|127\.|\[::1\]$)/;
const VERIFIES =
  "In a folder with the safetensors file, saved as model.safetensors, deltaprop verify FOLDER trains again and compares, changes of the settings included.";
const OF_FILE = " The record names your file; where it lies elsewhere, say --data FILE.";

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
      <Copy text={link.value} label={beyondLink() ? "Link of its settings" : "Link that repeats it"} />
      <p class="quiet">
        {beyondLink()
          ? `The link has the settings, but not ${beyondLink()}: it opens another run.`
          : "The whole set-up is in the link, seed and all; play it, and every epoch has the same SHA-256."}
        {setup.value.data === "file" ? " Whoever opens it needs your file too." : ""}
        {LOOPBACK.test(location.hostname) &&
          " It works in this browser while this server runs; on another machine, put its end, from # on, behind that page's own address."}
      </p>
      <h3>run.json</h3>
      <p>
        Every option, what the data were, and the SHA-256 after every epoch. {unverifiable() || VERIFIES}
        {!unverifiable() && setup.value.data === "file" && OF_FILE}
      </p>
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
