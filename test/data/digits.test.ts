import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkDataset } from "../../src/data/dataset.ts";
import { drawDigits, drawPart } from "../../src/data/digits/digits.ts";
import { sha256 } from "../../src/numerics/sha256.ts";

test("seed 1 draws the same bytes on every machine", async () => {
  const { sha256: hash } = await drawDigits({ seed: 1, train: 500, test: 100 });
  expect(hash).toBe("a41b9242c1bae3cc2845fbd6b1399f7bd3027ae0c702d5c939888e6a22374c9e");
});

test("its sha256 is that of pixels and labels, as node:crypto sees them", async () => {
  const { train, test: held, sha256: hash } = await drawDigits({ seed: 3, train: 20, test: 10 });
  const witness = createHash("sha256");
  for (const part of [train, held as typeof train])
    witness.update(part.features as Uint8Array).update(Uint8Array.from(part.labels));
  expect(hash).toBe(witness.digest("hex"));
  expect(await sha256()).toBe(createHash("sha256").digest("hex"));
});

test("image i depends on seed, part and i alone, not on how many are drawn", () => {
  const many = drawPart(5, "train", 57);
  const few = drawPart(5, "train", 23);
  expect(many.features.subarray(0, 23 * 784)).toEqual(few.features);
  expect(many.labels.subarray(0, 23)).toEqual(few.labels);
});

test("no image occurs twice among 3,000 of both parts and two seeds", () => {
  const seen = new Set<string>();
  for (const part of [drawPart(1, "train", 1000), drawPart(1, "test", 1000), drawPart(2 ** 40 + 1, "train", 1000)])
    for (let i = 0; i < part.rows; i++)
      seen.add(
        createHash("sha256")
          .update(part.features.subarray(i * 784, (i + 1) * 784))
          .digest("hex"),
      );
  expect(seen.size).toBe(3000);
});

test("every ten images hold each digit once, in an order that changes", () => {
  const { labels } = drawPart(1, "train", 200);
  const orders = new Set<string>();
  for (let i = 0; i < 200; i += 10) {
    expect([...labels.subarray(i, i + 10)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    orders.add(labels.subarray(i, i + 10).join());
  }
  expect(orders.size).toBeGreaterThan(15);
});

test("each image has dark paper, bright ink, and its ink away from the border", () => {
  const data = checkDataset(drawPart(9, "test", 500));
  expect([data.rows, data.cols, data.image]).toEqual([500, 784, { height: 28, width: 28 }]);
  let border = 0;
  for (let i = 0; i < 500; i++) {
    const image = data.features.subarray(i * 784, (i + 1) * 784) as Uint8Array;
    const ink = image.reduce((n, value) => n + (value > 0 ? 1 : 0), 0);
    expect(ink, `image ${i}`).toBeGreaterThan(25);
    expect(ink, `image ${i}`).toBeLessThan(400);
    expect(Math.max(...image), `image ${i}`).toBeGreaterThan(110);
    for (let k = 0; k < 28; k++) border += (image[k] as number) + (image[27 * 28 + k] as number);
  }
  expect(border / (500 * 56 * 255)).toBeLessThan(0.01);
});

test("a seed or count out of range is refused by name", () => {
  expect(() => drawPart(-1, "train", 10)).toThrow("seed must be an integer in [0, 2^53), got -1.");
  expect(() => drawPart(1, "test", 0)).toThrow("test images must be an integer in [1, 2^28], got 0.");
  expect(() => drawPart(1, "test", Number.NaN)).toThrow("test images must be");
});
