// Compiled by TypeScript 5.4 and 5.6, whose typed arrays are not generic, and without the types of a browser or of Node.
import * as library from "deltaprop";
import { fit, fromArrays } from "deltaprop";
import * as check from "deltaprop/check";
import * as files from "deltaprop/files";
import * as predict from "deltaprop/predict";
import * as sessions from "deltaprop/sessions";
import * as training from "deltaprop/training";

export const entries: readonly object[] = [library, check, files, predict, sessions, training];

export async function saved(rows: number[][], labels: string[]): Promise<Uint8Array> {
  const model = await fit(fromArrays(rows, labels), { hidden: [4] });
  return model.toBytes();
}
