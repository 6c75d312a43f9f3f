// The exports of the Keep view as signals: the one being made, and the last file of each format.
import { batch, signal } from "@preact/signals";
import type { ExportKind } from "../lab/protocol.ts";
import type { PlainText } from "../language/words.ts";
import { saveFile } from "../parts/save-file.ts";
import { attempt, lab } from "../state/store.ts";

/** The format being made, and the last file of each. */
export const making = signal<ExportKind | null>(null);
export const made = signal<
  Partial<Record<ExportKind, { readonly name: string; readonly note: string; readonly size: number }>>
>({});

export const FORMATS: readonly {
  readonly kind: ExportKind;
  readonly title: PlainText;
  readonly use: PlainText;
  readonly type: string;
}[] = [
  {
    kind: "safetensors",
    title: "safetensors",
    use: "For deltaprop test and predict, PyTorch, and this page again.",
    type: "application/octet-stream",
  },
  {
    kind: "onnx",
    title: "ONNX",
    use: "For onnxruntime and others: scaling and softmax are inside the graph.",
    type: "application/octet-stream",
  },
  {
    kind: "js",
    title: "JavaScript module",
    use: "predict(row) in one file that needs nothing else, for any page or Node.",
    type: "text/javascript",
  },
  { kind: "json", title: "JSON", use: "For people who want to read the numbers.", type: "application/json" },
];

/** Make the model's file of that format, verified, and download it. */
export async function takeExport(kind: ExportKind, type: string): Promise<void> {
  making.value = kind;
  const file = await attempt(() => lab.exportModel(kind));
  batch(() => {
    making.value = null;
    if (file) made.value = { ...made.value, [kind]: { name: file.name, note: file.note, size: file.bytes.length } };
  });
  if (file) saveFile(file.name, file.bytes, type);
}
