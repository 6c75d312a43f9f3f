// Files that are given for a model and are something else, told by their first bytes.
import { InvalidInput } from "../../errors.ts";

const SAVE = "In PyTorch: safetensors.torch.save_file(model.state_dict(), 'model.safetensors').";
const DATA = "Give the model first, then the data.";
const PICKLE = "a Python pickle, which can run code when it is read and is never read here";

const KINDS: readonly (readonly [begins: string, what: string, remedy: string])[] = [
  ["PK\x03\x04", "a ZIP archive, as torch.save (.pt, .pth) and Keras (.keras) write", SAVE],
  ["\x80\x02", PICKLE, SAVE],
  ["\x80\x03", PICKLE, SAVE],
  ["\x80\x04", PICKLE, SAVE],
  ["\x80\x05", PICKLE, SAVE],
  ["\x89HDF\r\n", "an HDF5 file (.h5)", "Save its weights as safetensors."],
  ["{", "a JSON text", "Give the folder of the run, or its model.safetensors."],
  ["\x1f\x8b", "compressed with gzip", "Unpack it first."],
  ["\x93NUMPY", "a NumPy array, which is data", DATA],
  ["PAR1", "a Parquet table, which is data", DATA],
  ["\x89PNG", "a PNG image, which is data", DATA],
];

/** Raises InvalidInput NOT_A_MODEL for a kind of file that is known and is no safetensors file. */
export function refuseOtherKind(head: Uint8Array, file: string): void {
  if (head[8] === 0x7b) return; // a safetensors header begins with {
  const text = String.fromCharCode(...head.subarray(0, 16));
  const onnx = text.startsWith("\x08") && head[1]! <= 16 && '\x12\x1a"*2:B'.includes(text[2] ?? "-"); // ir_version
  const found = onnx
    ? (["", "an ONNX model (.onnx)", "ONNX is written by export, but not read."] as const)
    : KINDS.find(([begins]) => text.startsWith(begins));
  if (!found) return;
  const reason = `this is ${found[1]}; a model is a safetensors file. ${found[2]}`;
  throw new InvalidInput("NOT_A_MODEL", reason, { file, at: "byte 0" });
}
