// Which arrays of an archive belong together, by the names that people give features and labels, with or without a
// part: x_train, train_images, XTest, y, data and target.
import { InvalidInput, show } from "../../errors.ts";

export type Pair = readonly [features: string, labels: string];

/** The pairs of an archive. */
export type Pairs = {
  readonly train: Pair;
  readonly test?: Pair | undefined;
  readonly validation?: Pair | undefined;
};

const FEATURES = new Set("x data feature features image images img imgs input inputs sample samples pixels".split(" "));
const LABELS = new Set("y label labels target targets class classes gt".split(" "));
const PARTS = new Map([
  ...["train", "training", "tr"].map((word) => [word, "train"] as const),
  ...["test", "testing", "te", "t10k"].map((word) => [word, "test"] as const),
  ...["val", "valid", "validation", "dev"].map((word) => [word, "validation"] as const),
]);

type Role = { readonly name: string; readonly kind: "features" | "labels"; readonly part: string };

/** In words: "XTrain" is x and train, "train_set_x" is train and x. Undefined for a name that is neither. */
function roleOf(name: string): Role | undefined {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_\-. ]+/)
    .filter((word) => word !== "" && word !== "set" && word !== "orig");
  const parts = words.filter((word) => PARTS.has(word));
  const rest = words.filter((word) => !PARTS.has(word));
  if (parts.length > 1) return undefined;
  if (rest.length === 2 && FEATURES.has(rest[0]!) && FEATURES.has(rest[1]!)) rest.pop();
  if (rest.length !== 1) return undefined;
  const [word] = rest as [string];
  const kind = FEATURES.has(word) ? "features" : LABELS.has(word) ? "labels" : undefined;
  return kind && { name, kind, part: PARTS.get(parts[0] ?? "") ?? "" };
}

/** Raises InvalidInput BAD_NPZ where there is no pair, or more than one for a part, and for wrong names in `asked`. */
export function findPairs(
  names: readonly string[],
  asked: readonly string[] | undefined,
  file: string | undefined,
): Pairs {
  const refuse = (reason: string) => new InvalidInput("BAD_NPZ", reason, { file, at: "directory" });
  if (asked) {
    const strange = asked.find((name) => !names.includes(name));
    if (strange !== undefined) throw refuse(`it holds no array ${show(strange)}; it has ${show(names)}.`);
    if (asked.length !== 2 && asked.length !== 4)
      throw refuse(
        "--arrays takes features and labels, and then perhaps those of the test part: X,y or X,y,X_test,y_test.",
      );
    const [x, y, testX, testY] = asked as [string, string, string?, string?];
    return { train: [x, y], test: testX === undefined ? undefined : [testX, testY!] };
  }
  const roles = names.map(roleOf).filter((role) => role !== undefined);
  const of = (part: string, kind: Role["kind"]) => roles.filter((role) => role.part === part && role.kind === kind);
  const pairs = (part: string): Pair[] =>
    of(part, "features").flatMap((x) => of(part, "labels").map((y): Pair => [x.name, y.name]));
  const train = [...pairs("train"), ...pairs("")];
  const choose = "--arrays X,y names features and labels.";
  if (train.length === 0)
    throw refuse(
      `an archive of arrays needs x and y, features and labels, or x_train and y_train, got ${show(names)}. ${choose}`,
    );
  const [test, validation] = [pairs("test"), pairs("validation")];
  const many = [train, test, validation].find((found) => found.length > 1);
  if (many) {
    const list = show(many.map((pair) => pair.join(" and ")));
    throw refuse(`the archive has more than one pair of features and labels: ${list}. ${choose}`);
  }
  return { train: train[0]!, test: test[0], validation: validation[0] };
}
