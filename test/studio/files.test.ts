// A drop is a data set, a model, or both. How files become data sets is tested in test/data/file-sets.test.ts.
import { expect, test } from "vitest";
import { readCsv } from "../../src/data/formats/csv.ts";
import { InvalidInput } from "../../src/errors.ts";
import { encodeModel } from "../../src/files/model/model-file.ts";
import { defineNetwork, parameterCount } from "../../src/network/network.ts";
import { readDropped } from "../../src/studio/lab/dropped-data.ts";
import { writeIdx } from "../data/write-idx.ts";
import { writeNpy } from "../data/write-npy.ts";

const file = (name: string, content: string | Uint8Array) => ({
  name,
  bytes: Uint8Array.from(typeof content === "string" ? new TextEncoder().encode(content) : content).buffer,
});
const flowers = file("flowers.csv", "a,b,kind\n1,2,x\n3,5,y\n4,9,x\n5,1,y\n");

const network = defineNetwork([2, 3, 2]);
const model = file(
  "m.safetensors",
  await encodeModel({
    network,
    parameters: new Float32Array(parameterCount(network)),
    classes: ["x", "y"],
    scaling: { kind: "divide", by: 1 },
    trainedOn: null,
  } as unknown as Parameters<typeof encodeModel>[0]),
);

const refusal = async (...files: { name: string; bytes: ArrayBuffer }[]): Promise<string> => {
  const error = await readDropped(files).catch((reason: unknown) => reason);
  if (error instanceof InvalidInput) return error.line;
  throw error instanceof Error ? error : new Error("it was read");
};

test("a table and a model dropped together are both, and hidden files neither", async () => {
  const { source, model: found } = await readDropped([file(".DS_Store", "x"), model, flowers]);
  const { data } = await readCsv([new Uint8Array(flowers.bytes)], { name: "flowers" });
  expect(source).toMatchObject({ name: "flowers", train: data });
  expect(found?.network.layers).toEqual([2, 3, 2]);
  expect((await readDropped([model])).source).toBeUndefined();
});

test("loose files are the parts of a set by their names, whatever they lie beside", async () => {
  const tables = await readDropped([file("flowers_test.csv", "a,b,kind\n7,7,y\n"), flowers]);
  expect([tables.source?.name, tables.source?.train.rows, tables.source?.test?.rows]).toEqual(["flowers", 4, 1]);
  const arrays = await readDropped([
    file("labels-test.npy", writeNpy("u1", [1], [1])),
    file("Xs.npy", writeNpy("f4", [2, 1], [3, 4])),
    file("labels.npy", writeNpy("u1", [2], [0, 1])),
    file("Xs-test.npy", writeNpy("f4", [1, 1], [5])),
  ]);
  expect([...arrays.source!.train.features, ...arrays.source!.test!.features]).toEqual([3, 4, 5]);
  const held = await readDropped([
    file("t10k-labels-idx1-ubyte", writeIdx(8, [2], [1, 0])),
    file("t10k-images-idx3-ubyte", writeIdx(8, [2, 1, 1], [8, 9])),
  ]);
  expect([[...held.source!.train.features], held.source?.test]).toEqual([[8, 9], undefined]);
});

test("a drop that holds no one set is refused, naming the file", async () => {
  expect(await refusal(file(".x", ""))).toBe("error DATA_NOT_FOUND the drop must be at least one file, got 0.");
  expect(await refusal(model, { ...model, name: "n.safetensors" })).toBe(
    "error UNKNOWN_FORMAT n.safetensors: one model at a time can be opened.",
  );
  expect(await refusal(file("story.pdf", "%PDF"))).toMatch(
    /^error UNKNOWN_FORMAT story\.pdf: this kind of file is not read\. .*models in \.safetensors\.$/,
  );
  expect(await refusal(flowers, file("X.npy", ""))).toBe(
    'error UNKNOWN_FORMAT X.npy: files of one kind are read together: this one is not of the kind of "flowers.csv".',
  );
  expect(await refusal(flowers, { ...flowers, name: "b.csv" })).toContain(
    "error DATA_NOT_FOUND b.csv: of several files",
  );
  expect(await refusal(file("a-images-idx3-ubyte", "x"))).toContain(
    "a-labels-idx1-ubyte or a-labels-idx1-ubyte.gz is missing beside it",
  );
});
