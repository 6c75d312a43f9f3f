// Places that lack something: a page whose policy forbids WebAssembly, a bundle without import.meta, a server at the
// edge.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { nativeBackend } from "../../src/engines/native/native-backend.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { forgetWarnings } from "../../src/engines/warning.ts";
import { wasmBackend } from "../../src/engines/wasm/wasm-backend.ts";
import { defineNetwork } from "../../src/network/network.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

class Refused {
  constructor() {
    throw new Error("Wasm code generation disallowed by embedder");
  }
}

test.each([
  [
    "must not compile",
    { ...WebAssembly, validate: WebAssembly.validate, Module: Refused },
    /disallowed by embedder.*'wasm-unsafe-eval'/,
  ],
  ["is missing", undefined, /there is no WebAssembly/],
])(
  "where WebAssembly %s, auto is the reference and says so once, and wasm says why it cannot run",
  async (_, stub, reason) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(nativeBackend, "missing").mockReturnValue("not in this test");
    vi.stubGlobal("WebAssembly", stub);
    forgetWarnings();
    expect([chooseEngine("auto").name, chooseEngine("auto").name]).toEqual(["reference", "reference"]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(reason)]]);
    expect(() => chooseEngine("wasm")).toThrow(reason);
    expect(() => chooseEngine("wasm")).toThrow(expect.objectContaining({ code: "ENGINE_UNAVAILABLE" }));
    const network = defineNetwork([2, 2]);
    const session = await chooseEngine("auto").open({ network, batchSize: 1, features: Float32Array.of(1, 2) });
    expect(await session.logits(Uint32Array.of(0))).toEqual(Float32Array.of(0, 0));
  },
);

test("where wasm runs, nothing is said", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  forgetWarnings();
  expect(wasmBackend.missing()).toBeUndefined();
  expect(["native", "wasm"]).toContain(chooseEngine("auto").name);
  expect(warn).not.toHaveBeenCalled();
});

/** Every file of ours that `file` imports at run time, itself included. */
function graph(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, next] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)"/gm))
    graph(resolve(dirname(file), next!), seen);
  return seen;
}

const src = resolve(import.meta.dirname, "../../src/engines");

test("the worker's own imports make no worker: a bundler would follow it for ever", () => {
  const files = [...graph(resolve(src, "worker.ts"))];
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => /new Worker\(/.test(readFileSync(file, "utf8")))).toEqual([]);
  expect([...graph(resolve(src, "registry.ts"))]).toContain(resolve(src, "worker-host.ts"));
});

test("the library names one file by new URL, the page's worker: bundlers follow each", () => {
  const named = [...graph(resolve(src, "../index.ts"))].flatMap((file) => [
    ...readFileSync(file, "utf8").matchAll(/new URL\([^)]*import\.meta\.url\)/g),
  ]);
  expect(named.map(([text]) => text)).toEqual(['new URL("./worker.ts", import.meta.url)']);
});

test.each([
  [
    "throws at every question",
    {
      getBuiltinModule: () => {
        throw new TypeError("Invalid URL string.");
      },
    },
  ],
  ["is empty", {}],
  ["is missing", undefined],
])("where process %s, the native engine is missing with a reason", async (_, process) => {
  vi.resetModules();
  const { findAddon } = await import("../../src/engines/native/addon.ts");
  vi.stubGlobal("process", process);
  expect(findAddon()).toEqual({ missing: expect.stringMatching(/native code/) });
});
