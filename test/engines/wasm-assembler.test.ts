import { describe, expect, test } from "vitest";
import {
  doWhile,
  f32,
  f32x4,
  f64,
  i32,
  i64,
  ModuleBuilder,
  select,
  signed,
  unsigned,
  v128,
  when,
} from "../../src/engines/wasm/assembler.ts";
import { exp, log, logistic, tanh } from "../../src/engines/wasm/math-functions.ts";
import {
  exp as scalarExp,
  log as scalarLog,
  logistic as scalarLogistic,
  tanh as scalarTanh,
} from "../../src/numerics/exp-log.ts";
import { Random } from "../../src/numerics/random.ts";

type Run = (...args: number[]) => void;

/** Build a module with `define`, instantiate it over a page of memory, and hand out its functions. */
function instantiate(define: (module: ModuleBuilder) => void, shared = false) {
  const module = new ModuleBuilder();
  define(module);
  const bytes = module.finish(shared);
  expect(WebAssembly.validate(bytes)).toBe(true);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { run: exports as Record<string, Run>, memory: new DataView(memory.buffer) };
}

describe("LEB128", () => {
  const decode = (bytes: readonly number[], isSigned: boolean): bigint => {
    let value = 0n;
    let shift = 0n;
    for (const byte of bytes) {
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
    }
    return isSigned && (bytes.at(-1)! & 64) !== 0 ? value - (1n << shift) : value;
  };

  test("of every power of two, its neighbours and its negative decodes to the number", () => {
    for (let k = 0n; k < 64n; k++)
      for (const near of [-1n, 0n, 1n]) {
        const value = 2n ** k + near;
        if (k < 63n) {
          expect(decode(signed(value), true)).toBe(value);
          expect(decode(signed(-value), true)).toBe(-value);
        }
        if (k <= 32n && value < 2n ** 32n) expect(decode(unsigned(Number(value)), false)).toBe(value);
      }
  });

  test("agrees with the specification's examples", () => {
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]); // DWARF 4, appendix C
    expect(signed(-123456n)).toEqual([0xc0, 0xbb, 0x78]);
    expect(signed(63n)).toEqual([63]);
    expect(signed(64n)).toEqual([0xc0, 0]);
    expect(signed(-64n)).toEqual([0x40]);
  });
});

describe("a generated module", () => {
  test("holds any constant", () => {
    const integers = [0, 1, -1, 63, 64, -64, -65, 8191, -8193, 2 ** 31 - 1, -(2 ** 31), 0xdeadbeef];
    const doubles = [0, -0, 1 / 3, 5e-324, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN];
    const { run, memory } = instantiate((module) => {
      module.define("store", [], () => [
        ...integers.map((value, i) => i32.store(i32.const(4 * i), i32.const(value))),
        ...doubles.map((value, i) => f64.store(i32.const(1000), f64.const(value), 8 * i)),
        v128.store(i32.const(2000), f32x4.splat(0.1)),
        f64.store(i32.const(3000), f64.ofBits(i64.const(-0x123456789abcdefn))),
      ]);
    });
    run.store!();
    expect(integers.map((_, i) => memory.getInt32(4 * i, true))).toEqual(integers.map((value) => value | 0));
    expect(doubles.map((_, i) => memory.getFloat64(1000 + 8 * i, true))).toEqual(doubles);
    expect([0, 4, 8, 12].map((lane) => memory.getFloat32(2000 + lane, true))).toEqual(Array(4).fill(Math.fround(0.1)));
    expect(memory.getBigInt64(3000, true)).toBe(-0x123456789abcdefn);
  });

  test("loops, branches, selects, and calls what was defined before", () => {
    const { run, memory } = instantiate((module) => {
      const put = module.define("put", ["i32", "f64"], (_local, at, value) => [f64.store(at, value)]);
      module.define("sum", ["i32", "i32"], (local, to, count) => {
        const i = local("i32");
        const total = local("f64");
        return [
          doWhile(
            [
              total.set(f64.add(total, f64.ofI32U(i))),
              when(
                i32.eq(i, i32.const(3)),
                [total.set(f64.add(total, f64.const(100)))],
                [total.set(f64.add(total, f64.const(1)))],
              ),
              i.set(i32.add(i, i32.const(1))),
            ],
            i32.ltU(i, count),
          ),
          put(to, select(i32.gtU(count, i32.const(5)), total, f64.const(-1))),
        ];
      });
    });
    run.sum!(16, 10);
    expect(memory.getFloat64(16, true)).toBe(45 + 9 + 100);
    run.sum!(16, 4);
    expect(memory.getFloat64(16, true)).toBe(-1);
  });

  test("reads and writes a shared memory", () => {
    const { run, memory } = instantiate((module) => {
      module.define("double", [], () => [f32.store(i32.const(4), f32.demote(f64.promote(f32.load(i32.const(0)))))]);
    }, true);
    memory.setFloat32(0, 1.5, true);
    run.double!();
    expect(memory.getFloat32(4, true)).toBe(1.5);
  });
});

const SCALAR = { exp: scalarExp, tanh: scalarTanh, logistic: scalarLogistic };

describe("exp, log, tanh and the logistic function in vectors", () => {
  test("give the bits of numerics/exp-log.ts over the whole range of doubles", () => {
    const { run, memory } = instantiate((module) => {
      for (const [name, emit] of Object.entries({ exp, tanh, logistic }))
        module.define(name, [], (local) => {
          const [x, y] = [local("v128"), local("v128")];
          return [x.set(v128.load(i32.const(0))), ...emit(local, y, x), v128.store(i32.const(16), y)];
        });
      module.define("log", [], (local) => {
        const [x, y] = [local("f64"), local("f64")];
        return [x.set(f64.load(i32.const(0))), ...log(local, y, x), f64.store(i32.const(16), y)];
      });
    });
    const random = new Random(5, 99);
    const special = [
      0,
      -0,
      1,
      -1,
      0.625,
      -0.625,
      709.782712893384,
      709.79,
      -708.5,
      -745.13,
      -745.14,
      5e-324,
      2 ** -1022,
    ];
    const drawn = Array.from({ length: 3000 }, () => random.normal() * 2 ** random.between(-60, 12));
    const positive = Array.from({ length: 1000 }, () => 2 ** random.between(-1074, 1023));
    for (const x of [
      ...special,
      ...drawn,
      ...positive,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]) {
      memory.setFloat64(0, x, true);
      memory.setFloat64(8, -x, true);
      for (const name of ["exp", "tanh", "logistic"] as const) {
        run[name]!();
        for (const [lane, argument] of [x, -x].entries()) {
          const [got, wanted] = [memory.getFloat64(16 + 8 * lane, true), SCALAR[name](argument)];
          if (!Object.is(got, wanted)) expect.fail(`${name}(${argument}) should be ${wanted} and is ${got}`);
        }
      }
      run.log!();
      const [got, wanted] = [memory.getFloat64(16, true), scalarLog(x)];
      if (!Object.is(got, wanted)) expect.fail(`log(${x}) should be ${wanted} and is ${got}`);
    }
  });
});
