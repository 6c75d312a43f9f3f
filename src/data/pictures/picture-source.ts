// The parts of a set of pictures as one source: without a test part the validation part is the test, and is said to be.
import type { Source } from "../dataset.ts";
import { dataWarnings } from "../warnings.ts";
import type { PicturePart } from "./read-pictures.ts";

/** `read` has a training part; `notes` come after those of its reading. */
export function pictureSource(
  name: string,
  read: ReadonlyMap<string, PicturePart>,
  sha256: string,
  notes: readonly string[] = [],
): Source {
  const [train, test, validation] = (["train", "test", "validation"] as const).map((part) => read.get(part));
  const judged = test === undefined && validation !== undefined;
  return {
    name,
    train: train!.data,
    test: test?.data ?? validation?.data,
    validation: judged ? undefined : validation?.data,
    files: {
      train: train!.files,
      test: test?.files ?? validation?.files ?? [],
      validation: judged ? [] : (validation?.files ?? []),
    },
    sha256,
    notes: [...train!.notes, ...notes, ...(judged ? ["There is no test part: the validation part is the test."] : [])],
    warnings: [...train!.warnings, ...dataWarnings(train!.data)],
  };
}
