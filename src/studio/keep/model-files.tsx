// The model as a file in each format: its use, a button, and how the last one was verified.
import { whole } from "../parts/numbers.ts";
import { FORMATS, made, making, takeExport } from "./export-state.ts";

export function ModelFiles() {
  return (
    <ul class="files" aria-label="Formats">
      {FORMATS.map(({ kind, title, use, type }) => {
        const file = made.value[kind];
        return (
          <li key={kind}>
            <div>
              <h3>{title}</h3>
              <p>{use}</p>
              <p class="quiet" role="status">
                {making.value === kind && "Writing and checking …"}
                {making.value !== kind &&
                  file &&
                  `${file.name}, ${whole(Math.ceil(file.size / 1024))} KiB. ${file.note}`}
              </p>
            </div>
            <button
              type="button"
              disabled={making.value !== null}
              onClick={() => takeExport(kind, type)}
              aria-label={`Download the model as ${title}`}
            >
              Download
            </button>
          </li>
        );
      })}
    </ul>
  );
}
