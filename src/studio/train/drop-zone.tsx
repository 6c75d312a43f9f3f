// Files dropped or chosen, passed to the lab unread; they never leave this page.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { rich, t } from "../language/words.ts";
import { openFiles } from "./draft.ts";
import { droppedFiles, toGiven } from "./drop-entries.ts";

const over = signal(false);
const AS_FOLDER = { webkitdirectory: true }; // an attribute that the types of elements do not know

/** Accept files dropped anywhere on the page, in every view. */
export function useDrops(): void {
  useEffect(() => {
    const hold = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      over.value = true;
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) over.value = false;
    };
    const drop = async (event: DragEvent) => {
      event.preventDefault(); // or the browser would leave the page for the file
      over.value = false;
      if (event.dataTransfer) await openFiles(await droppedFiles(event.dataTransfer));
    };
    addEventListener("dragover", hold);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", hold);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
}

/** While files are dragged over the page, in any view: that they will be taken. */
export function DropCover() {
  return over.value ? <p class="drop-cover">{t("Drop to open: data, or a model")}</p> : null;
}

export function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = async ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    const files = [...(currentTarget.files ?? [])];
    currentTarget.value = "";
    if (files.length > 0) await openFiles(await toGiven(files));
  };
  return (
    <div class={over.value ? "drop over" : "drop"}>
      <p>
        {rich("{drop}, or {files} {folder}", {
          drop: <strong>{t("Drop your own data here")}</strong>,
          files: (
            <button type="button" onClick={() => input.current?.click()}>
              {t("choose files")}
            </button>
          ),
          folder: (
            <button type="button" onClick={() => folder.current?.click()}>
              {t("a folder")}
            </button>
          ),
        })}
      </p>
      <p class="quiet">
        {t(
          "IDX pairs (.gz too), CSV or TSV, NPY pairs or NPZ, Parquet, a folder of PNGs (one folder a class), or a model (.safetensors) to go on from. Files stay in this page.",
        )}
      </p>
      <input
        ref={input}
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-label={t("Data or model files")}
        onChange={take}
      />
      <input
        ref={folder}
        class="unseen"
        type="file"
        {...AS_FOLDER}
        tabIndex={-1}
        aria-label={t("A folder of data")}
        onChange={take}
      />
    </div>
  );
}
