// WebAssembly modules as nested typed expressions: values cannot unbalance the stack and closures cannot forget an
// `end`. Only those instructions of the core specification (2.0) that the kernels use. No optimization, nothing about
// networks.

export type Type = "i32" | "i64" | "f32" | "f64" | "v128";
type Bytes = readonly (number | Bytes)[];

/** Instructions that leave one value of type T on the stack, or, for "void", nothing. */
export type Code<T extends Type | "void"> = { readonly type: T; readonly bytes: Bytes };
export type Statement = Code<"void">;
export type I32 = Code<"i32">;
export type F64 = Code<"f64">;
export type V128 = Code<"v128">;

/** A local variable; as an expression, its value. */
export type Local<T extends Type> = Code<T> & { set(value: Code<T>): Statement; tee(value: Code<T>): Code<T> };

const code = <T extends Type | "void">(type: T, ...bytes: (number | Bytes)[]): Code<T> => ({ type, bytes });

/** Unsigned LEB128 of an integer in [0, 2³²). */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return [...out, rest];
}

/** Signed LEB128 of a 64-bit integer. */
export function signed(value: bigint): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest < -64n || rest > 63n; rest >>= 7n) out.push(Number(rest & 127n) | 0x80);
  return [...out, Number(rest & 127n)];
}

function ieee(value: number, size: 4 | 8): number[] {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return Array.from(new Uint8Array(view.buffer));
}

const unary =
  <A extends Type, R extends Type>(_operand: A, result: R, ...opcode: number[]) =>
  (a: Code<A>): Code<R> =>
    code(result, a.bytes, opcode);
const binary =
  <A extends Type, R extends Type>(_operands: A, result: R, ...opcode: number[]) =>
  (a: Code<A>, b: Code<A>): Code<R> =>
    code(result, a.bytes, b.bytes, opcode);
/** Loads and stores take a constant byte offset in [0, 2³²); alignment is a hint and given as one byte. */
const load =
  <T extends Type>(type: T, ...opcode: number[]) =>
  (address: I32, offset = 0): Code<T> =>
    code(type, address.bytes, opcode, 0, unsigned(offset));
const store =
  <T extends Type>(_type: T, ...opcode: number[]) =>
  (address: I32, value: Code<T>, offset = 0): Statement =>
    code("void", address.bytes, value.bytes, opcode, 0, unsigned(offset));
/** A vector instruction: prefix and number. */
const simd = (number: number): number[] => [0xfd, ...unsigned(number)];

const v1 = (number: number) => unary("v128", "v128", ...simd(number));
const v2 = (number: number) => binary("v128", "v128", ...simd(number));
const shift = (number: number) => (a: V128, count: I32) => code("v128", a.bytes, count.bytes, simd(number));

export const i32 = {
  const: (value: number) => code("i32", 0x41, signed(BigInt(value | 0))),
  load: load("i32", 0x28),
  load8: load("i32", 0x2d), // unsigned
  store: store("i32", 0x36),
  eqz: unary("i32", "i32", 0x45),
  eq: binary("i32", "i32", 0x46),
  ltU: binary("i32", "i32", 0x49),
  gtU: binary("i32", "i32", 0x4b),
  divU: binary("i32", "i32", 0x6e),
  add: binary("i32", "i32", 0x6a),
  sub: binary("i32", "i32", 0x6b),
  mul: binary("i32", "i32", 0x6c),
  and: binary("i32", "i32", 0x71),
  or: binary("i32", "i32", 0x72),
  shrU: binary("i32", "i32", 0x76),
  trunc: unary("f32", "i32", 0xa8), // traps unless it fits
};

export const i64 = {
  const: (value: bigint) => code("i64", 0x42, signed(value)),
  add: binary("i64", "i64", 0x7c),
  sub: binary("i64", "i64", 0x7d),
  and: binary("i64", "i64", 0x83),
  shrS: binary("i64", "i64", 0x87),
  bits: unary("f64", "i64", 0xbd),
};

export const f32 = {
  load: load("f32", 0x2a),
  store: store("f32", 0x38),
  const: (value: number) => code("f32", 0x43, ieee(value, 4)),
  ne: binary("f32", "i32", 0x5c),
  lt: binary("f32", "i32", 0x5d),
  gt: binary("f32", "i32", 0x5e),
  ge: binary("f32", "i32", 0x60),
  add: binary("f32", "f32", 0x92),
  sub: binary("f32", "f32", 0x93),
  mul: binary("f32", "f32", 0x94),
  ofI32: unary("i32", "f32", 0xb2),
  demote: unary("f64", "f32", 0xb6),
};

export const f64 = {
  const: (value: number) => code("f64", 0x44, ieee(value, 8)),
  load: load("f64", 0x2b),
  store: store("f64", 0x39),
  eq: binary("f64", "i32", 0x61),
  ne: binary("f64", "i32", 0x62),
  lt: binary("f64", "i32", 0x63),
  gt: binary("f64", "i32", 0x64),
  add: binary("f64", "f64", 0xa0),
  sub: binary("f64", "f64", 0xa1),
  mul: binary("f64", "f64", 0xa2),
  div: binary("f64", "f64", 0xa3),
  ofI32U: unary("i32", "f64", 0xb8),
  ofI64: unary("i64", "f64", 0xb9),
  promote: unary("f32", "f64", 0xbb),
  ofBits: unary("i64", "f64", 0xbf),
};

export const v128 = {
  load: load("v128", ...simd(0x00)),
  load32Splat: load("v128", ...simd(0x09)),
  load64Zero: load("v128", ...simd(0x5d)),
  store: store("v128", ...simd(0x0b)),
  /** The lower double. */
  store64: (address: I32, value: V128): Statement =>
    code("void", address.bytes, value.bytes, simd(0x5b), 0, unsigned(0), 0),
  doubles: (low: number, high: number) => code("v128", simd(0x0c), ieee(low, 8), ieee(high, 8)),
  ints: (...lanes: readonly [number, number, number, number]) =>
    code("v128", simd(0x0c), [...new Uint8Array(Int32Array.of(...lanes).buffer)]),
  zero: code("v128", simd(0x0c), Array(16).fill(0)),
  and: v2(0x4e),
  andNot: v2(0x4f), // a & ~b
  or: v2(0x50),
  xor: v2(0x51),
  anyTrue: unary("v128", "i32", ...simd(0x53)),
  /** Bits of a where `mask` is 1, of b where it is 0. */
  bitselect: (a: V128, b: V128, mask: V128) => code("v128", a.bytes, b.bytes, mask.bytes, simd(0x52)),
  /** 32-bit lanes of a (0 … 3) and b (4 … 7). */
  shuffle32: (a: V128, b: V128, lanes: readonly [number, number, number, number]) =>
    code(
      "v128",
      a.bytes,
      b.bytes,
      simd(0x0d),
      lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
    ),
};

const lane =
  <T extends Type>(type: T, number: number) =>
  (a: V128, at: 0 | 1 | 2 | 3) =>
    code(type, a.bytes, simd(number), at);

export const f32x4 = {
  lane: lane("f32", 0x1f),
  splat: (value: number) => code("v128", 0x43, ieee(value, 4), simd(0x13)),
  splatOf: unary("f32", "v128", ...simd(0x13)),
  gt: v2(0x44),
  le: v2(0x45),
  ofI32: v1(0xfa), // signed
  sqrt: v1(0xe3),
  add: v2(0xe4),
  sub: v2(0xe5),
  mul: v2(0xe6),
  div: v2(0xe7),
  pmin: v2(0xea), // b < a ? b : a
  pmax: v2(0xeb), // a < b ? b : a
  demote: v1(0x5e), // two doubles to the lower lanes, zero above
};

export const f64x2 = {
  splat: (value: number) => code("v128", 0x44, ieee(value, 8), simd(0x14)),
  splatOf: unary("f64", "v128", ...simd(0x14)),
  eq: v2(0x47),
  lt: v2(0x49),
  gt: v2(0x4a),
  ge: v2(0x4c),
  abs: v1(0xec),
  neg: v1(0xed),
  sqrt: v1(0xef),
  add: v2(0xf0),
  sub: v2(0xf1),
  mul: v2(0xf2),
  div: v2(0xf3),
  promoteLow: v1(0x5f),
  ofI32Low: v1(0xfe), //  the two lower lanes, signed
  ofI32ULow: v1(0xff), // the same, unsigned
};

export const i32x4 = {
  lane: lane("i32", 0x1b),
  truncF32: v1(0xf8), // what does not fit becomes the nearest that does, NaN 0
  mul: v2(0xb5),
  splatOf: unary("i32", "v128", ...simd(0x11)),
  eq: v2(0x37),
  ltU: v2(0x3b),
  geU: v2(0x40),
  shl: shift(0xab),
  shrU: shift(0xad),
  shrS: shift(0xac),
  add: v2(0xae),
  sub: v2(0xb1),
};

export const i64x2 = {
  splat: (value: bigint) => code("v128", 0x42, signed(value), simd(0x12)),
  shl: shift(0xcb),
  shrU: shift(0xcd),
  add: v2(0xce),
  sub: v2(0xd1),
  mulLowU: v2(0xde), //  products of the two lower 32-bit lanes, unsigned
  mulHighU: v2(0xdf), // of the two upper
};

/** Copy `length` bytes. */
export const copy = (to: I32, from: I32, length: I32): Statement =>
  code("void", to.bytes, from.bytes, length.bytes, 0xfc, 0x0a, 0, 0);

const bodyOf = (statements: readonly Statement[]): Bytes => statements.map(({ bytes }) => bytes);

/** Do the body, then again while the condition is not 0. */
export const doWhile = (body: readonly Statement[], condition: I32): Statement =>
  code("void", 0x03, 0x40, bodyOf(body), condition.bytes, 0x0d, 0, 0x0b);

export const when = (condition: I32, then: readonly Statement[], otherwise: readonly Statement[] = []): Statement =>
  code("void", condition.bytes, 0x04, 0x40, bodyOf(then), otherwise.length > 0 ? [0x05, bodyOf(otherwise)] : [], 0x0b);

/** a if the condition is not 0, else b; both are evaluated. */
export const select = <T extends "i32" | "i64" | "f32" | "f64">(condition: I32, a: Code<T>, b: Code<T>): Code<T> =>
  code(a.type, a.bytes, b.bytes, condition.bytes, 0x1b);

const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
type Locals<P extends readonly Type[]> = { [K in keyof P]: Local<P[K]> };
export type NewLocal = <T extends Type>(type: T) => Local<T>;

/**
 * A module over one imported memory, `env.memory`. Functions are exported by name and may call those defined before
 * them.
 */
export class ModuleBuilder {
  readonly #types: Bytes[] = [];
  readonly #bodies: Bytes[] = [];
  readonly #exports: Bytes[] = [];

  /**
   * Define a function without a result. `build` gets a maker of locals (zero at first) and the parameters. Returns how
   * to call it.
   */
  define<const P extends readonly Type[]>(
    name: string,
    params: P,
    build: (local: NewLocal, ...params: Locals<P>) => readonly Statement[],
  ): (...args: { [K in keyof P]: Code<P[K]> }) => Statement {
    const all: Type[] = [...params];
    const at = <T extends Type>(type: T, index: number): Local<T> => {
      const place = unsigned(index);
      const set = (value: Code<T>) => code("void", value.bytes, 0x21, place);
      return { ...code(type, 0x20, place), set, tee: (value) => code(type, value.bytes, 0x22, place) };
    };
    const local: NewLocal = (type) => at(type, all.push(type) - 1);
    const body = bodyOf(build(local, ...(params.map(at) as Locals<P>)));
    const locals = all.slice(params.length).map((type) => [1, TYPE[type]]);
    const index = this.#bodies.length;
    this.#types.push([0x60, vector(params.map((type) => [TYPE[type]])), 0]);
    this.#bodies.push(sized([vector(locals), body, 0x0b]));
    this.#exports.push([text(name), 0, unsigned(index)]);
    return (...args) =>
      code(
        "void",
        args.map(({ bytes }) => bytes),
        0x10,
        unsigned(index),
      );
  }

  /** The module's binary, for a memory of any size. */
  finish(shared: boolean): Uint8Array<ArrayBuffer> {
    const limits = shared ? [3, 1, unsigned(65536)] : [0, 1]; // pages of 64 KiB; a shared memory has a greatest size
    return new Uint8Array(
      flat([
        [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        section(1, vector(this.#types)),
        section(2, vector([[text("env"), text("memory"), 2, limits]])),
        section(3, vector(this.#bodies.map((_, index) => unsigned(index)))),
        section(7, vector(this.#exports)),
        section(10, vector(this.#bodies)),
      ]),
    );
  }
}

const flat = (bytes: Bytes, out: number[] = []): number[] => {
  for (const item of bytes) typeof item === "number" ? out.push(item) : flat(item, out);
  return out;
};
const vector = (items: readonly Bytes[]): Bytes => [unsigned(items.length), items];
const sized = (bytes: Bytes): Bytes => {
  const body = flat(bytes);
  return [unsigned(body.length), body];
};
const section = (id: number, content: Bytes): Bytes => [id, sized(content)];
const text = (name: string): Bytes => vector(Array.from(new TextEncoder().encode(name), (byte) => [byte]));
