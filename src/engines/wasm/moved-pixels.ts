// X47 in WebAssembly: the pixels of examples that `gather` has put in place, read between the pixels of their images.
// The operations and their order are those of gradients/warp-pixels.ts. Addresses and strides are bytes.
import { BORDER, WARP_NUMBER, WARP_NUMBERS } from "../../network/warp.ts";
import { type Code, copy, f32, i32, type Local, type ModuleBuilder, select, when } from "./assembler.ts";
import { advance, each, i32s, number, several, sum, times } from "./loops.ts";

type F32 = Code<"f32">;
const FLOAT = number(4);

/**
 * warp(input, stride, rows, width, height, channels, fieldSize, numbers, fields, image, fill): `image` has room for an
 * image with its border.
 */
export function defineWarp(module: ModuleBuilder): void {
  // X47: u, v and the two means of a pixel
  module.define(
    "warp",
    [...i32s(10), "f32"],
    (local, input, stride, rows, width, height, channels, fieldSize, n, fields, image, fill) => {
      const [r, x, y, c, to, at, place, line, fieldLine, plane, pixel, window] = several(local, "i32", 12);
      const [bends, noisy, erases, end] = several(local, "i32", 4);
      const [u, v, uy, vy, upper, lower, lastU, lastV] = several(local, "f32", 8);
      const value = (name: keyof typeof WARP_NUMBER) => f32.load(n, 4 * WARP_NUMBER[name]);
      const between = (p: F32, q: F32, t: F32): F32 => f32.add(p, f32.mul(t, f32.sub(q, p)));
      const held = (place: Local<"f32">, last: F32) => [
        place.set(select(f32.gt(place, f32.const(0)), place, f32.const(0))),
        place.set(select(f32.lt(place, last), place, last)),
      ];
      const inside = (place: Local<"i32">, from: "eraseLeft" | "eraseTop", before: "eraseRight" | "eraseBottom") =>
        i32.and(f32.ge(f32.ofI32(place), value(from)), f32.lt(f32.ofI32(place), value(before)));
      const rest = (place: Local<"f32">) => f32.sub(place, f32.ofI32(i32.trunc(place)));
      return [
        pixel.set(times(channels, FLOAT)),
        line.set(times(sum(width, number(BORDER)), pixel)),
        fieldLine.set(times(sum(fieldSize, width), FLOAT)),
        plane.set(times(fieldLine, sum(fieldSize, height))),
        lastU.set(f32.ofI32(sum(width, number(1)))),
        lastV.set(f32.ofI32(sum(height, number(1)))),
        end.set(sum(image, times(line, sum(height, number(BORDER))))),
        ...each(at, image, end, FLOAT, [f32.store(at, fill)]),
        ...each(r, number(0), rows, number(1), [
          ...each(y, number(0), height, number(1), [
            copy(
              sum(image, times(line, sum(y, number(1))), pixel),
              sum(input, times(times(y, width), pixel)),
              times(width, pixel),
            ),
          ]),
          bends.set(number(0)),
          noisy.set(number(0)),
          when(fieldSize, [
            bends.set(f32.ne(value("elastic"), f32.const(0))),
            noisy.set(f32.ne(value("noise"), f32.const(0))),
            window.set(sum(fields, times(i32.trunc(value("windowY")), fieldLine))),
            advance(window, times(i32.trunc(value("windowX")), FLOAT)),
          ]),
          to.set(input),
          ...each(y, number(0), height, number(1), [
            uy.set(f32.add(f32.mul(value("uy"), f32.ofI32(y)), value("u0"))),
            vy.set(f32.add(f32.mul(value("vy"), f32.ofI32(y)), value("v0"))),
            erases.set(inside(y, "eraseTop", "eraseBottom")),
            place.set(window),
            ...each(x, number(0), width, number(1), [
              u.set(f32.add(f32.mul(value("ux"), f32.ofI32(x)), uy)),
              v.set(f32.add(f32.mul(value("vx"), f32.ofI32(x)), vy)),
              when(bends, [
                u.set(f32.add(u, f32.mul(value("elastic"), f32.load(place)))),
                v.set(f32.add(v, f32.mul(value("elastic"), f32.load(sum(place, plane))))),
              ]),
              ...held(u, lastU),
              ...held(v, lastV),
              at.set(sum(image, times(i32.trunc(v), line), times(i32.trunc(u), pixel))),
              u.set(rest(u)),
              v.set(rest(v)),
              ...each(c, number(0), channels, number(1), [
                upper.set(between(f32.load(at), f32.load(sum(at, pixel)), u)),
                lower.set(between(f32.load(sum(at, line)), f32.load(sum(at, line, pixel)), u)),
                upper.set(between(upper, lower, v)),
                when(noisy, [
                  upper.set(f32.add(upper, f32.mul(value("noise"), f32.load(sum(place, times(plane, number(2))))))),
                ]),
                when(i32.and(erases, inside(x, "eraseLeft", "eraseRight")), [upper.set(fill)]),
                f32.store(to, upper),
                advance(to, FLOAT),
                advance(at, FLOAT),
              ]),
              advance(place, FLOAT),
            ]),
            advance(window, fieldLine),
          ]),
          advance(input, stride),
          advance(n, number(4 * WARP_NUMBERS)),
        ]),
      ];
    },
  );
}
