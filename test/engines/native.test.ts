import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Setup } from "../../src/engines/engine.ts";
import { findAddon, loadAddon, VARIANT } from "../../src/engines/native/addon.ts";
import { narrowBackend, nativeBackend } from "../../src/engines/native/native-backend.ts";
import { KINDS, NATIVE_ACTIVATIONS } from "../../src/engines/native/registered-calls.ts";
import { prepare } from "../../src/engines/prepare.ts";
import { referenceBackend } from "../../src/engines/reference-backend.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { wasmBackend } from "../../src/engines/wasm/wasm-backend.ts";
import { EngineUnavailable, InvalidInput } from "../../src/errors.ts";
import { OPTIMIZERS } from "../../src/gradients/kernels.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENT, COEFFICIENTS } from "../../src/network/plan.ts";
import { exp, log, logistic, tanh } from "../../src/numerics/exp-log.ts";
import { expm1, softplus } from "../../src/numerics/expm1-log1p.ts";
import { normalCdf } from "../../src/numerics/normal.ts";
import { Random } from "../../src/numerics/random.ts";
import { checkProducts, conformance } from "./conformance.ts";
import { Twins } from "./twins.ts";

conformance(nativeBackend);
conformance(narrowBackend);

const found = findAddon();
const setup: Setup = {
  network: defineNetwork([40, 30, 20, 5]),
  batchSize: 8,
  features: Float32Array.from({ length: 8 * 40 }, (_, i) => ((i * 37) % 101) / 50 - 1),
};

describe.skipIf("missing" in found)("the native engine", () => {
  const addon = "missing" in found ? (undefined as never) : found.addon;

  test.each([
    ["exp", 0, exp],
    ["log", 1, log],
    ["logistic", 2, logistic],
    ["tanh", 3, tanh],
    ["expm1", 4, expm1],
    ["softplus", 5, softplus],
    ["the normal distribution", 6, (x: number) => normalCdf(x)],
  ] as const)("has the bits of our own %s at 100,000 points", (_, which, ours) => {
    const random = new Random(5, 77, which);
    const special = [
      0,
      -0,
      1,
      -1,
      Infinity,
      -Infinity,
      NaN,
      709.782712893384,
      709.79,
      -745.1332191019412,
      -745.14,
      5e-324,
    ];
    const points = Float64Array.from({ length: 100_000 }, (_, i) => {
      if (i < special.length) return special[i]!;
      const size = 2 ** (random.integer(i % 2 === 0 ? 24 : 2100) - (i % 2 === 0 ? 12 : 1075));
      return random.normal() * size;
    });
    const got = points.slice();
    addon.numeric(which, got);
    const wrong = points.findIndex((x, i) => !Object.is(got[i], ours(x)));
    expect(wrong < 0 ? undefined : [points[wrong], got[wrong], ours(points[wrong]!)]).toBeUndefined();
  });

  test("is the first choice where it can run, and says what it runs on", () => {
    expect(chooseEngine("auto").name).toBe("native");
    const { tables, chosen } = nativeBackend.tables!().exact;
    expect(nativeBackend.about()).toBe(`C, ${tables[chosen]!.name}`);
  });

  test.skipIf(!(addon as typeof addon | undefined)?.fused)(
    "rounds products and sums once when asked to fuse",
    async () => {
      const logits = async (arithmetic: "exact" | "fused") => {
        const session = await chooseEngine("native").open({ ...setup, arithmetic });
        session.writeParameters(initialize(setup.network, "he", 1));
        const out = await session.logits(Uint32Array.from({ length: 8 }, (_, i) => i));
        await session.close();
        return out;
      };
      const [exact, fused] = [await logits("exact"), await logits("fused")];
      expect(fused).not.toEqual(exact);
      fused.forEach((x, i) => {
        expect(Math.abs(x - exact[i]!)).toBeLessThan(1e-4);
      });
    },
  );

  test("gives the reference's bits with every table of kernels of this processor", async () => {
    const { tables, chosen } = nativeBackend.tables!().exact;
    try {
      for (const [table, { name }] of tables.entries()) {
        addon.choose(VARIANT.exact, table);
        expect(addon.time(VARIANT.exact, table), name).toBeGreaterThan(0);
        for (const [layers, batchSize] of [
          [[7, 33, 3, 5], 7],
          [[129, 33, 1, 129], 13],
          [[300, 129, 257, 3], 129],
        ] as const) {
          const twins = await Twins.of(nativeBackend, { layers, batchSize });
          for (const flavour of ["ordinary", "hollow"] as const) checkProducts(twins, batchSize, flavour);
        }
      }
    } finally {
      addon.choose(VARIANT.exact, chosen);
    }
    expect(() => addon.choose(VARIANT.exact, tables.length)).toThrow(/no such kernels/);
  });

  test("throws on an order that names no example, instead of reading beyond the data", async () => {
    const prepared = prepare(nativeBackend, setup, 1, false);
    const { store, memory, plan } = prepared;
    const kernels = await nativeBackend.kernels(store, memory, plan, { thread: 0, threads: 1 });
    memory.integers[plan.examples.order] = 8;
    expect(() => kernels.gather(plan.batch.input, plan.batch.targets, plan.examples, 0)).toThrow(
      /row that does not exist/,
    );
  });

  test("refuses memory that could be detached", () => {
    expect(() => addon.open(new Uint8Array(4096), 0, 0, 0, 0)).toThrow(/shared memory/);
  });

  test.each([
    ["text", (file: string) => writeFileSync(file, "not a library")],
    ["nothing", (file: string) => writeFileSync(file, "")],
  ])("reports an addon file that holds %s", (_, write) => {
    const folder = mkdtempSync(join(tmpdir(), "deltaprop-"));
    try {
      const file = join(folder, "a.node");
      write(file);
      expect(loadAddon(file, "Build it.")).toEqual({
        missing: expect.stringMatching(/cannot be loaded.*Build it\./),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("a machine without native code gets the remedy", () => {
  expect(loadAddon("/nowhere/deltaprop.node", "Build it.")).toEqual({
    missing: expect.stringMatching(/no native code.*Build it\./),
  });
});

test("the C enumerations have the order of their TypeScript twins", () => {
  const sources = ["native/kernels.h", "native/call.h"].map((file) => readFileSync(file, "utf8")).join("\n");
  /** The names of an enumeration but the last, which counts them: ONE_MINUS_BETA1 as oneminusbeta1. */
  const enumeration = (name: string) =>
    new RegExp(`enum ${name} \\{([^}]*)\\}`)
      .exec(sources)![1]!
      .replace(/\/\/.*/g, "")
      .split(",")
      .map((entry) => entry.replace(/[\s_]/g, "").toLowerCase())
      .slice(0, -1);
  const plain = (names: readonly string[]) => names.map((name) => name.replace(/-/g, "").toLowerCase());
  expect(enumeration("kind")).toEqual(plain(KINDS));
  expect(enumeration("activation")).toEqual(plain(NATIVE_ACTIVATIONS));
  expect(enumeration("optimizer")).toEqual(plain(OPTIMIZERS));
  expect(enumeration("variant")).toEqual(["exact", "fusing", "narrow"]);
  expect(VARIANT).toEqual({ exact: 0, fused: 1, narrow: 2 });
  const byPlace = Array.from({ length: COEFFICIENTS }, (_, place) =>
    Object.entries(COEFFICIENT)
      .filter(([, at]) => at === place)
      .map(([name]) => name)
      .join("or"),
  );
  expect(enumeration("coefficient")).toEqual(plain(byPlace));
});

test("native code is looked for without naming a Node module in an import, so that a browser can load the file", () => {
  for (const file of ["addon", "native-backend"])
    expect(readFileSync(`src/engines/native/${file}.ts`, "utf8")).not.toMatch(/from "node:|import\(/);
});

test.each([wasmBackend, referenceBackend])("$name refuses fused arithmetic by name", (backend) => {
  expect(() => prepare(backend, { ...setup, arithmetic: "fused" }, 1, false)).toThrow(EngineUnavailable);
  expect(() => prepare(backend, { ...setup, arithmetic: "fused" }, 1, false)).toThrow(backend.name);
});

test("an arithmetic that does not exist is refused", () => {
  expect(() => prepare(referenceBackend, { ...setup, arithmetic: "quick" as "exact" }, 1, false)).toThrow(InvalidInput);
});
