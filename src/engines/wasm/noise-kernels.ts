// A private step (X40, X41) in WebAssembly: rows of δ times a factor, and the draws of a key as
// privacy/keyed-normals.ts has them: a module of its own, loaded with the first private session. Addresses and strides
// are bytes.
import type { Kernels, PrivateKernels } from "../../gradients/kernels.ts";
import type { Memory } from "../../network/memory.ts";
import { COEFFICIENT } from "../../network/plan.ts";
import { CONSTANTS, DOUBLE_ROUNDS } from "../../numerics/chacha20.ts";
import { GROUP, placeTails, TAIL } from "../../privacy/keyed-normals.ts";
import { KEY_WORDS } from "../../privacy/private-draws.ts";
import { f32, f32x4, f64, f64x2, i32, i32x4, type Local, ModuleBuilder, type Statement, v128 } from "./assembler.ts";
import { advance, each, i32s, number, several, sum, times, whileBelow } from "./loops.ts";
import { radii, turns } from "./normal-draws.ts";

const FLOAT = number(4);
const DOUBLE = number(8);
const LANES = 4;
const BLOCKS = 16; //    of a group
const WORDS = 16; //     of a block
const FOUR = [0, 1, 2, 3];
const HALF = 2 * GROUP; // bytes of half a group: its radii
const rotated = (x: Local<"v128">, by: number) => v128.or(i32x4.shl(x, number(by)), i32x4.shrU(x, number(32 - by)));

export function noiseModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineNoise(module);
  return module.finish(shared);
}

function defineNoise(module: ModuleBuilder): void {
  // words[w][b]: word w of block counter + b, b = 0 … 3, of the key of 8 words; a row is a group's 16 blocks
  const blocks = module.define("blocks", i32s(3), (local, words, key, counter) => {
    const x = several(local, "v128", WORDS);
    const round = local("i32");
    const first = [
      ...CONSTANTS.map((c) => i32x4.splatOf(number(c))),
      ...Array.from({ length: 8 }, (_, w) => i32x4.splatOf(i32.load(key, 4 * w))),
      i32x4.add(i32x4.splatOf(counter), v128.ints(0, 1, 2, 3)),
      ...[0, 0, 0].map(() => v128.zero),
    ];
    const step = (a: number, b: number, d: number, by: number): Statement[] => [
      x[a]!.set(i32x4.add(x[a]!, x[b]!)),
      x[d]!.set(v128.xor(x[d]!, x[a]!)),
      x[d]!.set(rotated(x[d]!, by)),
    ];
    const quarter = (a: number, b: number, c: number, d: number) => [
      ...step(a, b, d, 16),
      ...step(c, d, b, 12),
      ...step(a, b, d, 8),
      ...step(c, d, b, 7),
    ];
    return [
      ...x.map((lanes, w) => lanes.set(first[w]!)),
      ...each(round, number(0), number(DOUBLE_ROUNDS), number(1), [
        ...FOUR.flatMap((i) => quarter(i, 4 + i, 8 + i, 12 + i)),
        ...FOUR.flatMap((i) => quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4))),
      ]),
      ...x.map((lanes, w) => v128.store(words, i32x4.add(lanes, first[w]!), 4 * BLOCKS * w)),
    ];
  });

  // a group's words at `words`, its draws at `normals`; four words at `tails`, 0 unless a radius has bits of its own
  module.define("drawGroup", i32s(5), (local, words, normals, tails, key, counter) => {
    const at = local("i32");
    const [lanes, some, radius, cosine, sine] = several(local, "v128", 5);
    return [
      ...FOUR.map((n) => blocks(sum(words, number(4 * LANES * n)), key, sum(counter, number(LANES * n)))),
      some.set(v128.zero),
      ...each(at, number(0), number(HALF), number(4 * LANES), [
        lanes.set(v128.load(sum(words, at))),
        some.set(v128.or(some, i32x4.ltU(lanes, i32x4.splatOf(number(TAIL))))),
        ...radii(local, radius, lanes),
        ...turns(local, cosine, sine, v128.load(sum(words, at), HALF)),
        v128.store(sum(normals, at), f32x4.mul(radius, cosine)),
        v128.store(sum(normals, at), f32x4.mul(radius, sine), HALF),
      ]),
      v128.store(tails, some),
    ];
  });

  // g ← g − rate·n of `count` numbers, at any address
  module.define("addScaled", [...i32s(3), "f32"], (local, g, n, count, rate) => {
    const by = local("v128");
    const end = local("i32");
    const one = f32.sub(f32.load(g), f32.mul(rate, f32.load(n)));
    return [
      by.set(f32x4.splatOf(rate)),
      end.set(sum(g, times(i32.and(count, number(-LANES)), FLOAT))),
      ...whileBelow(g, end, [
        v128.store(g, f32x4.sub(v128.load(g), f32x4.mul(by, v128.load(n)))),
        advance(g, number(16)),
        advance(n, number(16)),
      ]),
      end.set(sum(g, times(i32.and(count, number(LANES - 1)), FLOAT))),
      ...whileBelow(g, end, [f32.store(g, one), advance(g, FLOAT), advance(n, FLOAT)]),
    ];
  });

  // δ_r ← factor_r·δ_r; padding stays 0
  module.define("scaleRows", i32s(5), (local, delta, stride, rows, cols, factors) => {
    const [r, c] = several(local, "i32", 2);
    const [x, by] = several(local, "v128", 2);
    const at = sum(delta, times(c, FLOAT));
    return each(r, number(0), rows, number(1), [
      by.set(f64x2.splatOf(f64.load(factors))),
      ...each(c, number(0), cols, number(LANES), [
        x.set(v128.load(at)),
        v128.store(
          at,
          v128.shuffle32(
            f32x4.demote(f64x2.mul(f64x2.promoteLow(x), by)),
            f32x4.demote(f64x2.mul(f64x2.promoteLow(v128.shuffle32(x, x, [2, 3, 2, 3])), by)),
            [0, 1, 4, 5],
          ),
        ),
      ]),
      advance(delta, stride),
      advance(factors, DOUBLE),
    ]);
  });
}

/** The module's functions, as JavaScript calls them. */
export type NoiseFunctions = Record<"scaleRows" | "drawGroup" | "addScaled", (...numbers: number[]) => void>;

/** `scratch`: an address of 2 KiB and 16 bytes. */
export function privateKernels(
  k: NoiseFunctions,
  update: Kernels["update"],
  { buffer, floats, integers }: Memory,
  scratch: number,
): PrivateKernels {
  const [normals, tails] = [scratch + 4 * GROUP, scratch + 8 * GROUP];
  const own = { words: new Uint32Array(buffer, scratch, GROUP), out: new Float32Array(buffer, normals, GROUP) };
  return {
    // X40
    scaleRows(delta, factors) {
      k.scaleRows(4 * delta.offset, 4 * delta.stride, delta.rows, delta.cols, 8 * factors.offset);
    },

    // X41
    noisyUpdate(optimizer, spans, gradient, { first }, { key, factor }, coefficients) {
      const words = Uint32Array.from(integers.subarray(key, key + KEY_WORDS));
      const rate = floats[factor + COEFFICIENT.rate]!;
      const { offset, rows, cols, stride } = gradient;
      let [n, held] = [first, -1];
      for (let r = 0; r < rows; r++)
        for (let c = 0, count: number; c < cols; c += count, n += count) {
          const from = n % GROUP;
          const group = (n - from) / GROUP;
          if (group !== held) {
            k.drawGroup(scratch, normals, tails, 4 * key, (16 * group) | 0);
            if (integers.subarray(tails / 4, tails / 4 + 4).some((some) => some !== 0))
              placeTails(own.out, own.words, words, group);
            held = group;
          }
          count = Math.min(cols - c, GROUP - from);
          k.addScaled(4 * (offset + r * stride + c), normals + 4 * from, count, rate);
        }
      for (const drawn of [words, own.words, own.out]) drawn.fill(0);
      update(optimizer, spans, coefficients);
    },
  };
}
