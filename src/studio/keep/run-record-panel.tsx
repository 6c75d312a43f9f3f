// The run's record, how `deltaprop verify` repeats it, and the link that opens its set-up.
import { computed, useSignal } from "@preact/signals";
import { t } from "../language/words.ts";
import { Copy } from "../parts/copy.tsx";
import { saveFile } from "../parts/save-file.ts";
import { beyondLink, unverifiable } from "../state/repeatable.ts";
import { writeAddress } from "../state/setup.ts";
import { attempt, lab, setup } from "../state/store.ts";

const LOOPBACK = /^(localhost|127\.|\[::1\]$)/;
const VERIFIES =
  "In a folder with the safetensors file, saved as model.safetensors, deltaprop verify FOLDER trains again and compares, changes of the settings included.";
const OF_FILE = "The record names your file; where it lies elsewhere, say --data FILE.";

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
      <h2 id="record-title">{t("To repeat the run")}</h2>
      <Copy text={link.value} label={t(beyondLink() ? "Link of its settings" : "Link that repeats it")} />
      <p class="quiet">
        {beyondLink()
          ? t("The link has the settings, but not {what}: it opens another run.", { what: beyondLink() })
          : t("The whole set-up is in the link, seed and all; play it, and every epoch has the same SHA-256.")}
        {setup.value.data === "file" ? ` ${t("Whoever opens it needs your file too.")}` : ""}
        {LOOPBACK.test(location.hostname) &&
          ` ${t("It works in this browser while this server runs; on another machine, put its end, from # on, behind that page's own address.")}`}
      </p>
      <h3>{t("run.json")}</h3>
      <p>
        {t("Every option, what the data were, and the SHA-256 after every epoch.")} {unverifiable() || t(VERIFIES)}
        {!unverifiable() && setup.value.data === "file" && ` ${t(OF_FILE)}`}
      </p>
      <div class="keys">
        <button
          type="button"
          onClick={async () => {
            const record = await read();
            if (record) saveFile("run.json", record, "application/json");
          }}
        >
          {t("Download")}
        </button>
        <button
          type="button"
          aria-expanded={text.value !== ""}
          onClick={() => (text.value ? (text.value = "") : read())}
        >
          {t(text.value ? "Hide" : "Show")}
        </button>
      </div>
      {text.value && <textarea class="mono" readOnly rows={18} aria-label={t("run.json")} value={text.value} />}
    </section>
  );
}
