// The model as a file in each format: its use, a button, and how the last one was verified.
import { t } from "../language/words.ts";
import { whole } from "../parts/numbers.ts";
import { FORMATS, made, making, takeExport } from "./export-state.ts";

export function ModelFiles() {
  return (
    <ul class="files" aria-label={t("Formats")}>
      {FORMATS.map(({ kind, title, use, type }) => {
        const file = made.value[kind];
        return (
          <li key={kind}>
            <div>
              <h3>{t(title)}</h3>
              <p>{t(use)}</p>
              <p class="quiet" role="status">
                {making.value === kind && t("Writing and checking …")}
                {making.value !== kind && file && (
                  <>
                    {file.name}, {whole(Math.ceil(file.size / 1024))} KiB. <span lang="en">{file.note}</span>
                  </>
                )}
              </p>
            </div>
            <button
              type="button"
              disabled={making.value !== null}
              onClick={() => takeExport(kind, type)}
              aria-label={t("Download the model as {format}", { format: t(title) })}
            >
              {t("Download")}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
