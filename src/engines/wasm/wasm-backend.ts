// The kernels of gradients/kernels.ts as one WebAssembly module over the session's memory, and the backend around it.
// Instructions of the core specification only: no relaxed vector instructions, so every machine gives the same bits.

import { elementwiseLosses } from "../../gradients/elementwise-losses.ts";
import type { Kernels } from "../../gradients/kernels.ts";
import type { Memory } from "../../network/memory.ts";
import { activationsOf, keepsSlope, type Network } from "../../network/network.ts";
import { COEFFICIENT, type KernelPlan, type Plan, padded, type View } from "../../network/plan.ts";
import { WARP_NUMBERS } from "../../network/warp.ts";
import type { Backend, Rank, Store } from "../backend.ts";
import { f32x4, ModuleBuilder, v128 } from "./assembler.ts";
import { betweenOf } from "./between-kernels.ts";
import { type BetweenFunctions, betweenModule } from "./between-module.ts";
import { number } from "./loops.ts";
import { defineWarp } from "./moved-pixels.ts";
import { definePointwise } from "./pointwise.ts";
import { defineProducts, fusedAs, PRODUCT_SCRATCH, SCALAR, SCALARS_AT } from "./products.ts";
import { isSmooth, type SmoothFunctions, smoothModule } from "./smooth.ts";
import { type StepFunctions, stepKernels, stepModule } from "./step-module.ts";
import type { Unroll } from "./tile.ts";
import { defineUpdates } from "./updates.ts";
import type { WasmFunctions } from "./wasm-functions.ts";

const PAGE = 65536; //  bytes
const MOST_PAGES = 65536 - 128; // 4 GiB less 8 MiB, so that a pointer one row past a matrix does not wrap to 0
const QUOTIENTS = 0; // address of the table of byte / divisor, in the plan's reserved bytes

/** The module's binary: the same for every network, so one process compiles it once. */
export function kernelModule(shared: boolean, unroll: Unroll): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineProducts(module, unroll);
  definePointwise(module);
  defineUpdates(module);
  defineWarp(module);
  return module.finish(shared);
}

/** Address of a view's first float, and bytes from row to row. */
const address = ({ offset }: View) => 4 * offset;
const stride = (view: View) => 4 * view.stride;

function kernelsOf(k: WasmFunctions, smooth: SmoothFunctions | undefined, memory: Memory, scratch: number): Kernels {
  const { floats } = memory;
  const scalars = scratch + SCALARS_AT;
  const setScalar = (name: keyof typeof SCALAR, value: number) => {
    floats[(scalars + SCALAR[name]) / 4] = value;
  };
  /** E37: ∇W in dW; or, if toW (bytes from dW to W) is not 0, W ← W − rate·(∇W + decay·W) and no ∇W. */
  const weightGradient = (dW: View, input: View, delta: View, toW: number, adds = false) => {
    setScalar("inverseB", adds ? 1 : 1 / delta.rows);
    k.weightGradient(
      address(dW),
      stride(dW),
      dW.rows,
      dW.cols,
      delta.rows,
      address(input),
      stride(input),
      address(delta),
      stride(delta),
      toW,
      scalars,
      scratch,
      adds ? 1 : 0,
    );
  };
  return {
    gather(input, targets, examples, at) {
      const { cols, classes, form, divisor, features, labels, soft, order, scale, shift, warp } = examples;
      const rows = 4 * (order + at);
      if (form === "bytes") k.gatherBytes(address(input), stride(input), input.rows, cols, rows, features, QUOTIENTS);
      else k.gatherFloats(address(input), stride(input), input.rows, cols, rows, 4 * features, divisor);
      if (warp) {
        const { width, height, channels, fieldSize, numbers, fields, fill } = warp;
        const own = 4 * (numbers + at * WARP_NUMBERS);
        const sizes = [width, height, channels, fieldSize] as const;
        k.warp(address(input), stride(input), input.rows, ...sizes, own, 4 * fields, scratch, fill);
      }
      k.gatherTargets(
        address(targets),
        stride(targets),
        targets.rows,
        classes,
        rows,
        4 * labels,
        soft === undefined ? 0 : 4 * soft,
        8 * scale,
        8 * shift,
      );
    },

    // E9: output = σ(input·W + b)
    dense(output, input, W, b, activation) {
      k.dense(
        address(output),
        stride(output),
        output.rows,
        W.cols,
        W.rows,
        address(input),
        stride(input),
        address(W),
        stride(W),
        address(b),
        fusedAs(activation),
        scratch,
        0,
      );
      if (activation === "tanh" || activation === "sigmoid")
        k[activation](address(output), stride(output), output.rows, W.cols);
      else if (isSmooth(activation)) smooth![activation](address(output), stride(output), output.rows, W.cols);
    },

    // X18 … X20
    activate(output, slopes, activation) {
      const { rows, cols } = output;
      smooth![`${activation}Slopes`](address(output), stride(output), address(slopes), stride(slopes), rows, cols);
    },

    // E2, E8, E10; X22 … X29 in JavaScript: a few numbers an example
    outputDelta(loss, delta, losses, predictions, logits, targets) {
      if (loss.name !== "softmax-cross-entropy")
        return elementwiseLosses(memory, loss, delta, losses, predictions, logits, targets);
      k.softmaxCrossEntropy(
        address(delta),
        stride(delta),
        8 * losses.offset,
        4 * predictions.offset,
        address(logits),
        stride(logits),
        address(targets),
        stride(targets),
        logits.rows,
        logits.cols,
        scratch,
      );
    },

    // E17 and X15: below = (δ·Wᵀ) ⊙ σ′
    backpropagate(below, delta, W, kept, activation) {
      k.backpropagate(
        address(below),
        stride(below),
        below.rows,
        W.rows,
        W.cols,
        address(delta),
        stride(delta),
        address(W),
        stride(W),
        address(kept) - address(below),
        fusedAs(activation),
        scratch,
        0,
      );
      if (!isSmooth(activation)) return;
      const sweep = keepsSlope(activation) ? smooth!.timesSlopes : smooth![`${activation}Back`];
      sweep(address(below), stride(below), address(kept), stride(kept), below.rows, W.rows);
    },

    // E37
    weightGradient(dW, input, delta, adds) {
      weightGradient(dW, input, delta, 0, adds);
    },

    // E36
    biasGradient(db, delta, adds = false) {
      const size = [delta.rows, adds ? 1 : 0, adds ? 1 : 1 / delta.rows] as const;
      k.biasGradient(address(db), db.cols, address(delta), stride(delta), ...size);
    },

    // X10 … X14
    update(optimizer, { parameters, gradients, states, decays }, coefficients) {
      k[optimizer](
        4 * parameters.offset,
        4 * (parameters.offset + parameters.length),
        4 * gradients.offset,
        4 * (states[0]?.offset ?? 0),
        4 * (states[1]?.offset ?? 0),
        4 * coefficients,
        decays ? floats[coefficients + COEFFICIENT.decay]! : 0,
      );
    },

    // E37 and X10 in one sweep
    updateWeights(W, dW, input, delta, coefficients) {
      setScalar("rate", floats[coefficients + COEFFICIENT.rate]!);
      setScalar("decay", floats[coefficients + COEFFICIENT.decay]!);
      weightGradient(dW, input, delta, address(W) - address(dW));
    },
  };
}

/** A module with one vector instruction, to see whether vectors (SIMD) are supported. */
function probe(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.define("", [], () => [v128.store(number(0), f32x4.sqrt(v128.zero))]);
  return module.finish(false);
}

/** Why the smallest module, eight bytes, may not be compiled here: a page's content policy, or a server at the edge. */
function forbidden(): string | undefined {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
}

/** Compiles a module once for shared memory and once for other. */
function compiler(module: (shared: boolean) => Uint8Array<ArrayBuffer>) {
  const compiled = new Map<boolean, Promise<WebAssembly.Module>>();
  return (shared: boolean) => {
    const made = compiled.get(shared) ?? WebAssembly.compile(module(shared));
    compiled.set(shared, made);
    return made;
  };
}

const needsSmooth = (network: Network) => activationsOf(network).some(isSmooth);
const needsBetween = (network: Network) => Boolean(network.layerNorm || network.residual);

/** The backend with a given unroll factor of the micro-kernel's loop over k: it changes speed and never a bit. */
export function wasmBackendWith(unroll: Unroll): Backend {
  const compile = compiler((shared) => kernelModule(shared, unroll));
  const compileSteps = compiler(stepModule);
  let atOnce: WebAssembly.Module | undefined;
  const over = (
    exports: WebAssembly.Exports,
    smooth: WebAssembly.Exports | undefined,
    between: WebAssembly.Exports | undefined,
    memory: Memory,
    { examples }: KernelPlan,
    scratch: number,
  ): Kernels => {
    const { form, divisor } = examples;
    if (form === "bytes") for (let byte = 0; byte < 256; byte++) memory.floats[QUOTIENTS / 4 + byte] = byte / divisor;
    const [plain, curves] = [exports as WasmFunctions, smooth as SmoothFunctions | undefined];
    const kernels = kernelsOf(plain, curves, memory, scratch);
    if (!between) return kernels;
    return { ...kernels, ...betweenOf(between as BetweenFunctions, plain, curves) };
  };
  return {
    name: "wasm",
    floatBytes: 4,

    missing() {
      if (typeof WebAssembly === "undefined") return "there is no WebAssembly";
      const reason = forbidden();
      if (reason !== undefined)
        return `its WebAssembly may not compile: ${reason}. A page's policy needs 'wasm-unsafe-eval'`;
      return WebAssembly.validate(probe()) ? undefined : "its WebAssembly has no vector instructions (SIMD)";
    },

    about: () => "WebAssembly, 128-bit vectors",

    scratchBytes: ({ layers }) => Math.max(PRODUCT_SCRATCH, 8 * padded(layers.at(-1)!)),

    allocate(bytes, shared) {
      const pages = Math.ceil(bytes / PAGE);
      if (pages > MOST_PAGES) throw new RangeError(`${bytes} bytes do not fit a WebAssembly memory`);
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    },

    async kernels(store: Store, memory: Memory, plan: Plan, { thread, threads }: Rank) {
      const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
      const imports = { env: { memory: store as WebAssembly.Memory } };
      const { exports } = await WebAssembly.instantiate(await compile(shared), imports);
      const smooth = needsSmooth(plan.network)
        ? (await WebAssembly.instantiate(await WebAssembly.compile(smoothModule(shared)), imports)).exports
        : undefined;
      const between = needsBetween(plan.network)
        ? (await WebAssembly.instantiate(await WebAssembly.compile(betweenModule(shared)), imports)).exports
        : undefined;
      const scratch = plan.scratch.offset + (plan.scratch.length / threads) * thread;
      const steps = (await WebAssembly.instantiate(await compileSteps(shared), imports)).exports as StepFunctions;
      const kernels = over(exports, smooth, between, memory, plan, scratch);
      const own = async (module: Uint8Array<ArrayBuffer>) =>
        (await WebAssembly.instantiate(await WebAssembly.compile(module), imports)).exports as never;
      const [drawing, noise] = [
        plan.draws && (await import("./draw-module.ts")),
        plan.clipping && (await import("./noise-kernels.ts")),
      ];
      return {
        ...kernels,
        ...stepKernels(steps, scratch),
        draws: drawing?.drawKernels(await own(drawing.drawModule(shared)), scratch),
        private: noise?.privateKernels(await own(noise.noiseModule(shared)), kernels.update, memory, scratch),
      };
    },

    kernelsAtOnce(store: Store, memory: Memory, plan: KernelPlan) {
      const imports = { env: { memory: store as WebAssembly.Memory } };
      let smooth: WebAssembly.Module | undefined;
      let between: WebAssembly.Module | undefined;
      try {
        atOnce ??= new WebAssembly.Module(kernelModule(false, unroll));
        if (needsSmooth(plan.network)) smooth = new WebAssembly.Module(smoothModule(false));
        if (needsBetween(plan.network)) between = new WebAssembly.Module(betweenModule(false));
      } catch {
        return undefined; // a page's main thread may have a limit of a few KB
      }
      const { exports } = new WebAssembly.Instance(atOnce, imports);
      const [curves, beside] = [smooth, between].map(
        (compiled) => compiled && new WebAssembly.Instance(compiled, imports).exports,
      );
      return over(exports, curves, beside, memory, plan, plan.scratch.offset);
    },
  };
}

/** V8's version in Node; undefined elsewhere. */
const v8 = globalThis.process?.versions?.v8;

export const wasmBackend = wasmBackendWith(v8 !== undefined && Number.parseInt(v8, 10) < 13 ? 1 : 8);
