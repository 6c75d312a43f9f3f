// --augment: a name, limits in a word, or a JSON file of limits.
import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { InvalidInput, must, printable } from "../errors.ts";
import { parseJson } from "../files/model/json.ts";
import {
  AUGMENTATION_RANGES,
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
} from "../training/augmentation.ts";
import { readAugmentationWord } from "../training/augmentation-text.ts";

export function addAugment(command: Command, text: string): void {
  command.addOption(
    new Option(
      "--augment <name>",
      `${text}: ${AUGMENTATIONS.join(", ")}, limits such as rotation:10,elastic:1, or a JSON file of them`,
    ),
  );
}

/** What --augment names. Raises InvalidInput naming the file. */
export async function readAugment(
  given: string | undefined,
): Promise<AugmentationName | Partial<Augmentation> | undefined> {
  if (given === undefined) return undefined;
  const word = readAugmentationWord(given);
  if (word !== undefined) return word;
  const file = given.toLowerCase().endsWith(".json");
  const names = AUGMENTATIONS.join(", ");
  const limits = Object.entries(AUGMENTATION_RANGES).map(([name, [low, high]]) => `${name} ${low} to ${high}`);
  const known = given.includes(":") ? ` Limits, each once: ${limits.join(", ")}.` : "";
  must(
    file,
    "--augment",
    `one of ${names}, limits such as rotation:10,elastic:1, or a JSON file of them`,
    given,
    known.trim(),
  );
  const text = await readFile(given, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === "ENOENT";
    const reason = missing ? "there is no such file. --augment takes a name or a JSON file." : String(cause.message);
    throw new InvalidInput(missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE", reason, { file: given }, { cause });
  });
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = `it is no JSON: ${printable(cause instanceof Error ? cause.message : String(cause))}.`;
    throw new InvalidInput("BAD_JSON", reason, { file: given }, { cause });
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  must(isObject, "the file", 'an object of limits, e.g. {"rotation": 10, "elastic": 1}', value, "", { file: given });
  return value as Partial<Augmentation>;
}
