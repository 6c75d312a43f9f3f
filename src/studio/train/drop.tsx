// Where files are dropped or chosen. They go to the lab as they are and never leave this page.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { take } from "./draft.ts";
import { droppedFiles, toGiven } from "./dropped.ts";

export function DropZone() {
  const over = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const enter = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      over.value = true;
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) over.value = false;
    };
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      over.value = false;
      if (event.dataTransfer) await take(await droppedFiles(event.dataTransfer));
    };
    addEventListener("dragover", enter);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [over]);
  return (
    <div class={over.value ? "drop over" : "drop"}>
      <p>
        <strong>Drop your own data here</strong>, or{" "}
        <button type="button" onClick={() => input.current?.click()}>
          choose files
        </button>
      </p>
      <p class="quiet">
        IDX pairs (.gz too), CSV or TSV, NPY pairs or NPZ, Parquet, a folder of PNGs (one folder a class), or a model
        (.safetensors) to go on from. Files stay in this page.
      </p>
      <input
        ref={input}
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Data or model files"
        onChange={async (event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          if (files.length > 0) await take(await toGiven(files));
        }}
      />
    </div>
  );
}
