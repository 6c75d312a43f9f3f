// X47 in WebAssembly: the pixels of examples that `gather` has put in place, read between the pixels of their images.
// The operations and their order are those of gradients/warp-pixels.ts. Four pixels at a time: a channel of an image is
// laid out in pairs, each pixel beside the one below, so that the four neighbors of a place are one load. Addresses and
// strides are bytes.
import { BORDER, WARP_NUMBER, WARP_NUMBERS } from "../../network/warp.ts";
import { f32, f32x4, i32, i32x4, type Local, type ModuleBuilder, select, type V128, v128, when } from "./assembler.ts";
import { advance, each, i32s, least, number, several, sum, times } from "./loops.ts";

const FLOAT = number(4);
const LANES = number(4);
const PAIR = 8; // bytes
const LANE_NUMBERS = [0, 1, 2, 3] as const;

export function defineWarp(module: ModuleBuilder): void {
  const layPairs = defineLayPairs(module);
  const erase = defineErase(module);
  /**
   * warp(input, stride, rows, width, height, channels, fieldSize, numbers, fields, pairs, fill): `pairs` has room for a
   * channel of an image with its border, in pairs.
   */
  // X47: u, v and the two means of four pixels
  module.define(
    "warp",
    [...i32s(10), "f32"],
    (local, input, stride, rows, width, height, channels, fieldSize, n, fields, pairs, fill) => {
      const [r, x, y, c, at, line, fieldLine, plane, pixel, window] = several(local, "i32", 10);
      const [bends, noisy, end, strip, row, whole] = several(local, "i32", 6);
      const [u, v, wholeU, wholeV, ramp, elastic, a, b] = several(local, "v128", 8);
      const four = several(local, "v128", 4); // left, below it, right, below it
      const value = (name: keyof typeof WARP_NUMBER) => f32.load(n, 4 * WARP_NUMBER[name]);
      const all = f32x4.splatOf;
      const between = (p: V128, q: V128, t: V128): V128 => f32x4.add(p, f32x4.mul(t, f32x4.sub(q, p)));
      const along = (place: Local<"v128">, slopes: readonly ["ux" | "vx", "uy" | "vy", "u0" | "v0"]) => {
        const start = f32.add(f32.mul(value(slopes[1]), f32.ofI32(y)), value(slopes[2]));
        return place.set(f32x4.add(f32x4.mul(all(value(slopes[0])), ramp), all(start)));
      };
      const held = (place: Local<"v128">, side: Local<"i32">) =>
        place.set(f32x4.pmin(all(f32.ofI32(sum(side, number(1)))), f32x4.pmax(v128.zero, place)));
      const parted = (place: Local<"v128">, part: Local<"v128">) => [
        part.set(i32x4.truncF32(place)),
        place.set(f32x4.sub(place, f32x4.ofI32(part))),
      ];
      return [
        pixel.set(times(channels, FLOAT)),
        line.set(sum(width, number(BORDER))),
        fieldLine.set(times(sum(fieldSize, width), FLOAT)),
        plane.set(times(fieldLine, sum(fieldSize, height))),
        whole.set(i32.and(i32.eq(channels, number(1)), i32.eqz(i32.ltU(width, LANES)))),
        end.set(sum(pairs, times(line, times(number(PAIR), sum(height, number(2)))))),
        ...each(at, pairs, end, FLOAT, [f32.store(at, fill)]),
        ...each(r, number(0), rows, number(1), [
          bends.set(number(0)),
          noisy.set(number(0)),
          when(fieldSize, [
            bends.set(f32.ne(value("elastic"), f32.const(0))),
            noisy.set(f32.ne(value("noise"), f32.const(0))),
            window.set(sum(fields, times(i32.trunc(value("windowY")), fieldLine))),
            advance(window, times(i32.trunc(value("windowX")), FLOAT)),
          ]),
          elastic.set(all(value("elastic"))),
          ...each(c, number(0), channels, number(1), [
            layPairs(pairs, sum(input, times(c, FLOAT)), width, height, pixel, line),
            ...each(y, number(0), height, number(1), [
              row.set(sum(window, times(y, fieldLine))),
              ...each(strip, number(0), width, LANES, [
                // the last strip overlaps the one before
                x.set(select(i32.ltU(width, LANES), number(0), least(strip, i32.sub(width, LANES)))),
                ramp.set(f32x4.ofI32(i32x4.add(i32x4.splatOf(x), v128.ints(0, 1, 2, 3)))),
                at.set(sum(row, times(x, FLOAT))),
                along(u, ["ux", "uy", "u0"]),
                along(v, ["vx", "vy", "v0"]),
                when(bends, [
                  u.set(f32x4.add(u, f32x4.mul(elastic, v128.load(at)))),
                  v.set(f32x4.add(v, f32x4.mul(elastic, v128.load(sum(at, plane))))),
                ]),
                held(u, width),
                held(v, height),
                ...parted(u, wholeU),
                ...parted(v, wholeV),
                wholeU.set(i32x4.shl(i32x4.add(i32x4.mul(wholeV, i32x4.splatOf(line)), wholeU), number(3))),
                wholeU.set(i32x4.add(wholeU, i32x4.splatOf(pairs))),
                ...four.map((place, i) => place.set(v128.load(i32x4.lane(wholeU, LANE_NUMBERS[i]!)))),
                ...transposed(four, a, b),
                a.set(between(four[0], four[2], u)),
                b.set(between(four[1], four[3], u)),
                a.set(between(a, b, v)),
                when(noisy, [
                  a.set(f32x4.add(a, f32x4.mul(all(value("noise")), v128.load(sum(at, times(plane, number(2))))))),
                ]),
                at.set(sum(input, times(sum(times(y, width), x), pixel), times(c, FLOAT))),
                when(
                  whole,
                  [v128.store(at, a)],
                  LANE_NUMBERS.map((lane) =>
                    when(i32.ltU(sum(x, number(lane)), width), [
                      f32.store(at, f32x4.lane(a, lane)),
                      advance(at, pixel),
                    ]),
                  ),
                ),
              ]),
            ]),
          ]),
          erase(input, n, width, height, channels, fill),
          advance(input, stride),
          advance(n, number(4 * WARP_NUMBERS)),
        ]),
      ];
    },
  );
}

/** Four vectors as the rows of a square become its columns; a and b are lost. */
function transposed(x: readonly Local<"v128">[], a: Local<"v128">, b: Local<"v128">) {
  const [p, q, r, s] = x as [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
  return [
    a.set(v128.shuffle32(p, q, [0, 4, 1, 5])),
    b.set(v128.shuffle32(p, q, [2, 6, 3, 7])),
    p.set(v128.shuffle32(r, s, [0, 4, 1, 5])),
    s.set(v128.shuffle32(r, s, [2, 6, 3, 7])),
    r.set(v128.shuffle32(b, s, [0, 1, 4, 5])),
    s.set(v128.shuffle32(b, s, [2, 3, 6, 7])),
    q.set(v128.shuffle32(a, p, [2, 3, 6, 7])),
    p.set(v128.shuffle32(a, p, [0, 1, 4, 5])),
  ];
}

/** layPairs(pairs, image, width, height, pixel, line): the border is there already. */
function defineLayPairs(module: ModuleBuilder) {
  return module.define("layPairs", i32s(6), (local, pairs, image, width, height, pixel, line) => {
    const [x, y, to, from] = several(local, "i32", 4);
    const below = times(line, number(PAIR));
    return each(y, number(0), height, number(1), [
      to.set(sum(pairs, times(sum(times(line, y), number(1)), number(PAIR)))), // of pixel (0, y), in the row above
      from.set(sum(image, times(times(y, width), pixel))),
      ...each(x, number(0), width, number(1), [
        f32.store(to, f32.load(from), 4),
        f32.store(sum(to, below), f32.load(from)),
        advance(to, number(PAIR)),
        advance(from, pixel),
      ]),
    ]);
  });
}

/** erase(image, numbers, width, height, channels, fill) */
function defineErase(module: ModuleBuilder) {
  return module.define("erase", [...i32s(5), "f32"], (local, image, n, width, height, channels, fill) => {
    const [x, y, c] = several(local, "i32", 3);
    const value = (name: keyof typeof WARP_NUMBER) => f32.load(n, 4 * WARP_NUMBER[name]);
    const inside = (place: Local<"i32">, from: "eraseLeft" | "eraseTop", before: "eraseRight" | "eraseBottom") =>
      i32.and(f32.ge(f32.ofI32(place), value(from)), f32.lt(f32.ofI32(place), value(before)));
    return each(y, number(0), height, number(1), [
      when(inside(y, "eraseTop", "eraseBottom"), [
        ...each(x, number(0), width, number(1), [
          when(inside(x, "eraseLeft", "eraseRight"), [
            ...each(c, number(0), channels, number(1), [
              f32.store(sum(image, times(sum(times(sum(times(y, width), x), channels), c), FLOAT)), fill),
            ]),
          ]),
        ]),
      ]),
    ]);
  });
}
