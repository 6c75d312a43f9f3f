// The noise of a private step: normal draws of a key. The words are OpenSSL's, the formula is that of Box and Muller in
// float64 with the language's own functions; the distribution is tested beside it.
import { createCipheriv } from "node:crypto";
import { expect, test } from "vitest";
import { normalCdf } from "../../src/numerics/normal.ts";
import { drawGroup, drawNormals, GROUP } from "../../src/privacy/keyed-normals.ts";
import { drawKey, insecureWords, KEY_WORDS, systemWords } from "../../src/privacy/private-draws.ts";

const keyOf = (seed: number) => drawKey(insecureWords(seed, "privateNoise", 1));

/** Words of the stream from block `counter` on, by OpenSSL. */
function stream(key: Uint32Array<ArrayBuffer>, counter: number, nonce: number, blocks: number): Uint32Array {
  const start = new Uint8Array(Uint32Array.of(counter, nonce, 0, 0).buffer);
  const cipher = createCipheriv("chacha20", new Uint8Array(key.buffer), start);
  return new Uint32Array(new Uint8Array(cipher.update(new Uint8Array(64 * blocks))).buffer);
}

test("draws are those of Box and Muller on OpenSSL's words, to some units of float32, in the tail as well", () => {
  const key = keyOf(3);
  const out = new Float32Array(GROUP);
  let tails = 0;
  for (const group of [...Array(100).keys(), 66249]) {
    // there a word is 173, of 2³²
    drawGroup(out, key, group);
    const words = stream(key, 16 * group, 0, 16); // [block][word]
    for (let i = 0; i < GROUP / 2; i++) {
      const word = (n: number) => words[(n % 16) * 16 + Math.floor(n / 16)]!;
      const [u, v] = [word(i), word(i + GROUP / 2)];
      let part = ((u >>> 1) + 0.5) / 2 ** 31;
      if (u < 2 ** 20) {
        tails += Number(u === 173);
        const [high, low] = stream(key, (GROUP / 2) * group + i, 1, 1) as unknown as [number, number];
        part = (u + ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53) / 2 ** 32;
      }
      const radius = Math.sqrt(-2 * Math.log(part));
      const angle = (2 * Math.PI * ((v | 0) + 0.5)) / 2 ** 32;
      expect(Math.abs(out[i]! - radius * Math.cos(angle))).toBeLessThan(4e-7 * radius);
      expect(Math.abs(out[i + GROUP / 2]! - radius * Math.sin(angle))).toBeLessThan(4e-7 * radius);
    }
  }
  expect(tails).toBe(1);
});

const N = 2 ** 19;
const draws = new Float64Array(N);
drawNormals(keyOf(1), draws);

test("their moments up to the sixth are those of the normal distribution", () => {
  const power = [0, 1, 0, 3, 0, 15];
  const square = [1, 3, 15, 105, 945, 10395]; // E z^2k: of the spread of each mean
  for (let k = 1; k <= 6; k++) {
    let sum = 0;
    for (const z of draws) sum += z ** k;
    const spread = Math.sqrt((square[k - 1]! - power[k - 1]! ** 2) / N);
    expect(Math.abs(sum / N - power[k - 1]!) / spread).toBeLessThan(3);
  }
});

test("they follow Φ (Kolmogorov and Smirnov), and in both tails as far as they reach", () => {
  const sorted = draws.toSorted();
  let most = 0;
  for (let k = 0; k < N; k++) {
    const p = normalCdf(sorted[k]!);
    most = Math.max(most, p - k / N, (k + 1) / N - p);
  }
  expect(most * Math.sqrt(N)).toBeLessThan(1.5); // above it with chance 0.02, and the key is fixed
  for (const x of [1, 2, 3, 3.5, 4])
    for (const side of [-1, 1]) {
      const p = normalCdf(-x);
      const count = draws.filter((z) => side * z > x).length;
      expect(Math.abs(count - N * p) / Math.sqrt(N * p)).toBeLessThan(3.5);
    }
});

test("radii beyond the main part are drawn as often, and as far, as the distribution has it", () => {
  const beyond: number[] = [];
  for (let group = 0; group < N; group += GROUP)
    for (let i = group; i < group + GROUP / 2; i++) {
      const share = Math.exp(-(draws[i]! ** 2 + draws[i + GROUP / 2]! ** 2) / 2);
      if (share < 2 ** -12) beyond.push(share * 2 ** 12);
    }
  const expected = N / 2 / 2 ** 12;
  expect(Math.abs(beyond.length - expected) / Math.sqrt(expected)).toBeLessThan(3);
  const sorted = beyond.toSorted((a, b) => a - b); // uniform in (0, 1)
  const n = sorted.length;
  const distance = Math.max(...sorted.map((u, k) => Math.max(u - k / n, (k + 1) / n - u)));
  expect(distance * Math.sqrt(n)).toBeLessThan(1.5);
});

test("a draw tells nothing of its neighbor, of its pair, of the next group and of another key", () => {
  const other = new Float64Array(N);
  drawNormals(keyOf(2), other);
  const correlation = (x: Float64Array, y: Float64Array, of: (z: number) => number) => {
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += of(x[i]!) * of(y[i]!);
    return Math.abs(sum) / Math.sqrt(y.length);
  };
  for (const of of [(z: number) => z, (z: number) => (z * z - 1) / Math.SQRT2]) {
    for (const lag of [1, 2, 16, GROUP / 2, GROUP])
      expect(correlation(draws, draws.subarray(lag), of), `${lag} apart`).toBeLessThan(3.5);
    expect(correlation(draws, other, of)).toBeLessThan(3.5);
  }
});

test("keys of the system's generator do not repeat, and an array of any length begins alike", () => {
  const keys = [drawKey(systemWords()), drawKey(systemWords())] as const;
  expect(keys[0]).toHaveLength(KEY_WORDS);
  expect(keys[0]).not.toEqual(keys[1]);
  const [long, short] = [new Float32Array(700), new Float32Array(300)];
  drawNormals(keys[0], long);
  drawNormals(keys[0], short);
  expect(short).toEqual(long.subarray(0, 300));
});
