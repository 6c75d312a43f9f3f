// The one suite for every engine: each kernel against the float32 reference, bit for bit (NaN as NaN), and whole runs
// by SHA-256. Use it from an engine's own test file: `conformance(wasmBackend)`. A missing backend is one skipped test
// with the reason.
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engines/backend.ts";
import type { Setup } from "../../src/engines/engine.ts";
import { LocalSession } from "../../src/engines/local-session.ts";
import { prepare } from "../../src/engines/prepare.ts";
import { referenceBackend } from "../../src/engines/reference-backend.ts";
import { type Kernels, OPTIMIZERS, type Optimizer } from "../../src/gradients/kernels.ts";
import { checkLoss, LOSSES, lossParameters, outputsPerTarget } from "../../src/network/losses.ts";
import { ACTIVATIONS, defineNetwork, type Network, SLOPE_KEEPERS } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import type { Layer } from "../../src/network/plan.ts";
import { fieldFloats, WARP_NUMBERS } from "../../src/network/warp.ts";
import { Random } from "../../src/numerics/random.ts";
import { sha256 } from "../../src/numerics/sha256.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../src/training/optimizer.ts";
import { skipped } from "../needs.ts";
import { checkStepKernels } from "./step-kernels.ts";
import { type Case, DEALT, dealt, EXAMPLES, FLAVOURS, type Flavour, PURPOSE, Twins } from "./twins.ts";

/** Every product, bias sum, activation and derivative of a network once, on fresh numbers each. */
export function checkProducts(twins: Twins, rows: number, flavour: Flavour): void {
  const { layers } = twins.plan.batch;
  const shape = twins.plan.network.layers.join("-");
  const coefficients = twins.plan.coefficients.offset;
  twins.wanted.floats.set([0.05, 0.01], coefficients); // η, λ
  layers.forEach((_, n) => {
    twins.refill(flavour);
    twins.rows(`dense ${n + 1} of ${shape}`, flavour, rows, (k, batch) => {
      const { output, input, W, b, activation } = batch.layers[n]!;
      k.dense(output, input, W, b, activation);
    });
    if (n === 0) return;
    twins.refill(flavour);
    twins.rows(`backpropagate ${n + 1} of ${shape}`, flavour, rows, (k, batch) => {
      const [above, below] = [batch.layers[n]!, batch.layers[n - 1]!];
      k.backpropagate(below.delta, above.delta, above.W, below.slopes ?? below.output, below.activation);
    });
  });
  twins.refill(flavour);
  twins.weights(`weightGradient of ${shape}`, flavour, rows, (k, slice) => {
    for (const { dW, input, delta } of slice.weights) k.weightGradient(dW, input, delta);
  });
  twins.refill(flavour);
  twins.weights(`updateWeights of ${shape}`, flavour, rows, (k, slice) => {
    for (const { W, dW, input, delta } of slice.weights) {
      k.updateWeights(W, dW, input, delta, coefficients);
      k.weightGradient(dW, input, delta); // what it left there is its own affair
    }
  });
  twins.refill(flavour);
  twins.weights(`biasGradient of ${shape}`, flavour, rows, (k, slice) => {
    for (const { db, delta } of slice.biases) k.biasGradient(db, delta);
  });
  twins.refill(flavour);
  const { offset, length } = twins.plan.gradients;
  twins.wanted.floats.fill(0, offset, offset + length);
  twins.weights(`sums of ${shape} that go on`, flavour, rows, (k, slice) => {
    for (const _ of ["the first rows", "the rows after them"]) {
      for (const { dW, input, delta } of slice.weights) k.weightGradient(dW, input, delta, true);
      for (const { db, delta } of slice.biases) k.biasGradient(db, delta, true);
    }
  });
}

const SHAPES: readonly (readonly [layers: readonly number[], batchSize: number])[] = [
  [[1, 1, 1], 1],
  [[3, 1, 7, 2], 3],
  [[7, 33, 3, 5], 7],
  [[33, 7, 129, 10], 33],
  [[129, 33, 1, 129], 13],
  [[16, 8, 24, 64], 16],
  [[300, 129, 257, 3], 129],
  [[33, 7, 513, 5], 515],
];
const LARGE: readonly (readonly [layers: readonly number[], batchSize: number])[] = [
  [[1023, 1, 1023, 10], 3],
  [[5, 1023, 1025, 7], 33],
  [[2, 9, 8200, 3], 33],
  [[3, 700, 80, 3], 70],
  [[1030, 9, 3], 70],
];

/** Kernels between layers. */
const BETWEEN: Readonly<Record<string, (k: Kernels, l: Layer) => void>> = {
  normalize: (k, { output, norm }) => k.between!.normalize!(output, norm!.gain, norm!.offset, norm!.step),
  "normalize of a forward pass": (k, { output, norm }) => k.between!.normalize!(output, norm!.gain, norm!.offset),
  apply: (k, { output, activation }) => k.between!.apply!(output, activation),
  slope: (k, { delta, norm, output, activation }) => k.between!.slope!(norm!.step!.delta, delta, output, activation),
  "slope in place": (k, { delta, output, activation }) => k.between!.slope!(delta, delta, output, activation),
  denormalize: (k, { delta, norm }) => k.between!.denormalize!(delta, norm!.step!.delta, norm!.gain, norm!.step!),
  join: (k, { joins, passed, output, input }) => joins && k.between!.join!(passed!, output, input),
  "join in place": (k, { joins, joined, delta }) => joins && k.between!.join!(delta, delta, joined!),
};

export function conformance(source: Backend): void {
  const reason = source.missing();
  if (reason !== undefined) {
    // WebAssembly is never missing; the native engine is where there is no compiler, which is a failure only where it
    // is required
    const skip = source.name !== "wasm" && skipped("native", false);
    test.skipIf(skip)(`${source.name} can run here`, () => expect(reason).toBeUndefined());
    return;
  }

  describe(`${source.name} gives the reference's bits`, { timeout: 120_000 }, () => {
    test("with kernels of its own: they are called, and no array passes through JavaScript", async () => {
      const [own, plain] = [counting(source), counting(referenceBackend)];
      for (const backend of [own, plain])
        for (const optimizer of ["sgd", "momentum"] as const)
          await fiftySteps(backend, defineNetwork([5, 4, 3, 2]), optimizer);
      expect(own.calls).toEqual(plain.calls);
      expect([...own.calls.keys()].sort()).toEqual([...KERNELS].sort());
      for (const [name, touched] of own.touched) // a few coefficients, but no array
        expect(20 * touched, name).toBeLessThan(plain.touched.get(name)!);
    });

    test.each(Object.keys(FLAVOURS) as Flavour[])(
      "in every product of awkward size, on %s numbers",
      async (flavour) => {
        for (const [layers, batchSize] of SHAPES) {
          const twins = await Twins.of(source, { layers, batchSize });
          const rest = flavour === "ordinary" || batchSize < 100 ? [Math.max(1, batchSize - 2), 1] : [];
          for (const rows of new Set([batchSize, ...rest])) checkProducts(twins, rows, flavour);
        }
      },
    );

    test("in every product of a large layer", async () => {
      for (const [layers, batchSize] of LARGE) {
        const twins = await Twins.of(source, { layers, batchSize, threads: 3 });
        for (const flavour of ["ordinary", "scattered"] as const) checkProducts(twins, batchSize, flavour);
      }
    });

    test.each([2, 3, 4, 5, 6, 7, 8])("in every product shared out to %i threads", async (threads) => {
      for (const [layers, batchSize] of [SHAPES[3]!, SHAPES[5]!, SHAPES[2]!]) {
        const twins = await Twins.of(source, { layers, batchSize, threads });
        for (const rows of new Set([batchSize, Math.max(1, batchSize - 3), 1])) checkProducts(twins, rows, "ordinary");
      }
    });

    test.each(ACTIVATIONS)("under %s and its derivative", async (activation) => {
      for (const [layers, batchSize] of [SHAPES[1]!, SHAPES[2]!, SHAPES[3]!, SHAPES[4]!]) {
        const twins = await Twins.of(source, { layers, batchSize, activation, threads: 2 });
        for (const flavour of Object.keys(FLAVOURS) as Flavour[]) checkProducts(twins, batchSize, flavour);
      }
    });

    test.each(ACTIVATIONS)("at every size of z under %s", async (activation) => {
      // one input of 1 and zero weights: z is the bias itself
      const sizes = [
        0, -0, 1e-45, 1e-30, 1e-8, 0.1, 0.3, 0.62499, 0.625, 0.7, 1, 2, 9, 20, 44, 90, 104, 400, 800, 3e38,
      ];
      const z = [...sizes, Infinity, NaN].flatMap((x) => [x, -x]);
      const twins = await Twins.of(source, { layers: [1, z.length, 1], batchSize: 1, activation });
      const { input, b } = twins.plan.batch.layers[0]!;
      twins.wanted.floats[input.offset] = 1;
      twins.wanted.floats.set(z, b.offset);
      twins.rows("dense", "wild", 1, (k, { layers: [l] }) => k.dense(l!.output, l!.input, l!.W, l!.b, l!.activation));
    });

    test.each(SLOPE_KEEPERS)("in the kept slopes of %s", async (activation) => {
      for (const [layers, batchSize] of [SHAPES[2]!, SHAPES[3]!]) {
        const twins = await Twins.of(source, { layers, batchSize, activation, threads: 2 });
        for (const flavour of Object.keys(FLAVOURS) as Flavour[]) {
          twins.refill(flavour);
          twins.rows("activate", flavour, batchSize, (k, { layers: [l] }) =>
            k.activate(l!.output, l!.slopes!, activation),
          );
        }
      }
    });

    test.each(ACTIVATIONS)("between layers: normalization, %s, its slope, residual sums", async (activation) => {
      for (const [hidden, batchSize] of [
        [[2, 7, 7], 3],
        [[33, 33, 129], 13],
        [[8, 16, 16], 5],
      ] as const)
        for (const threads of [1, 3]) {
          const options = { layerNorm: true, residual: true };
          const given = { layers: [3, ...hidden, 4], batchSize, activation, options, threads };
          const twins = await Twins.of(source, given);
          for (const flavour of Object.keys(FLAVOURS) as Flavour[])
            for (const [name, call] of Object.entries(BETWEEN)) {
              twins.refill(flavour);
              for (const rows of new Set([batchSize, 1]))
                twins.rows(`${name} of ${hidden}`, flavour, rows, (k, { layers }) => {
                  for (const l of layers.slice(0, -1)) call(k, l);
                });
            }
          twins.refill("ordinary");
          twins.weights("∇γ", "ordinary", batchSize, (k, { gains }) => {
            for (const adds of [false, true])
              for (const { gradient, input, delta } of gains) k.front!.scaleGradient!(gradient, input, delta, adds);
          });
        }
    });

    test.each(LOSSES)("in ℓ, δ^L and prediction of %s", async (name) => {
      for (const targets of [1, 2, 5, 33]) {
        const loss = checkLoss(name);
        const layers = [2, targets * outputsPerTarget(loss)];
        const twins = await Twins.of(source, { layers, batchSize: 13, loss, threads: 3 });
        const { batch } = twins.plan;
        for (const flavour of ["ordinary", "wild", "tiny", "huge"] as const) {
          twins.refill(flavour);
          if (name !== "softmax-cross-entropy")
            twins.wanted.doubles.set(lossParameters(loss, layers[1]!), batch.loss.parameters);
          twins.rows(name, flavour, 13, (k, slice) => {
            const { delta, output } = slice.layers.at(-1)!;
            k.outputDelta(slice.loss, delta, slice.losses, slice.predictions, output, slice.targets);
          });
        }
      }
    });

    test("in softmax, loss, δ^L and prediction", async () => {
      for (const classes of [1, 2, 3, 10, 33, 1000]) {
        const batchSize = classes > 100 ? 5 : 33;
        const twins = await Twins.of(source, { layers: [2, classes], batchSize, threads: 3 });
        const { layers, targets } = twins.plan.batch;
        const { output } = layers.at(-1)!;
        const { floats } = twins.wanted;
        for (const flavour of ["ordinary", "wild", "tiny", "huge"] as const)
          for (const kind of ["one-hot", "smooth", "flavoured", "ties"] as const) {
            twins.refill(flavour);
            for (let i = 0; i < batchSize; i++)
              for (let c = 0; c < classes; c++) {
                const t = targets.offset + i * targets.stride + c;
                if (kind === "one-hot") floats[t] = c === i % classes ? 1 : 0;
                if (kind === "smooth") floats[t] = (c === i % classes ? 0.9 : 0) + 0.1 / classes;
                if (kind === "ties") floats[output.offset + i * output.stride + c] = c % 3 === 1 ? 2.5 : -1;
              }
            twins.rows(`softmax of ${classes} classes, ${kind}`, flavour, batchSize, (k, batch) => {
              const { delta, output } = batch.layers.at(-1)!;
              k.outputDelta(batch.loss, delta, batch.losses, batch.predictions, output, batch.targets);
            });
          }
      }
    });

    test.each([
      { form: "bytes", divisor: 255 },
      { form: "bytes", divisor: 1 },
      { form: "bytes", divisor: 0.3 },
      { form: "floats", divisor: 1 },
      { form: "floats", divisor: 3.7 },
    ])("in gathering $form divided by $divisor, with labels and with soft targets", async ({ form, divisor }) => {
      for (const cols of [1, 3, 16, 37])
        for (const soft of [false, true]) {
          const random = new Random(3, PURPOSE, cols);
          const features =
            form === "bytes"
              ? Uint8Array.from({ length: EXAMPLES * cols }, () => random.integer(256))
              : Float32Array.from({ length: EXAMPLES * cols }, (_, i) => dealt.wild[i % DEALT]!);
          const batchSize = 9;
          const given: Case = { layers: [cols, 5], batchSize, features, divisor, soft, threads: 2 };
          const twins = await Twins.of(source, given);
          const { examples } = twins.plan;
          const { integers, doubles, floats } = twins.wanted;
          for (let i = 0; i < EXAMPLES; i++) integers[examples.labels + i] = random.integer(5);
          for (let i = 0; i < 3 * batchSize; i++) integers[examples.order + i] = random.integer(EXAMPLES);
          for (let c = 0; c < 5; c++) {
            doubles[examples.scale + c] = c === 0 ? 1 : random.uniform();
            doubles[examples.shift + c] = c === 0 ? 0 : random.uniform();
          }
          if (examples.soft !== undefined)
            for (let i = 0; i < EXAMPLES * 5; i++) floats[examples.soft + i] = random.uniform();
          for (const rows of [batchSize, 4, 1])
            twins.rows(`gather of ${cols} columns`, "wild", rows, (k, batch, first) =>
              k.gather(batch.input, batch.targets, examples, 5 + first),
            );
        }
    });

    test.each([
      { form: "bytes", divisor: 255, warp: { width: 5, height: 4, channels: 1, fill: 0, fieldSize: 8 } },
      { form: "floats", divisor: 1, warp: { width: 29, height: 3, channels: 1, fill: 0.3, fieldSize: 16 } },
      { form: "bytes", divisor: 0.3, warp: { width: 70, height: 2, channels: 3, fill: 7, fieldSize: 1 } },
      { form: "floats", divisor: 3.7, warp: { width: 1, height: 9, channels: 2, fill: -1, fieldSize: 0 } },
      { form: "bytes", divisor: 255, warp: { width: 28, height: 28, channels: 1, fill: 0, fieldSize: 32 } },
      { form: "floats", divisor: 1, warp: { width: 17, height: 29, channels: 1, fill: 0.5, fieldSize: 0 } },
    ])("in moving the pixels of $warp.width × $warp.height × $warp.channels $form", async ({ form, divisor, warp }) => {
      const { width, height, channels, fieldSize } = warp;
      const cols = width * height * channels;
      const random = new Random(3, PURPOSE, cols);
      // of every second image most pixels are the background, as it is stored
      const blank = (i: number) => Math.floor(i / cols) % 2 === 1 && random.integer(8) > 0;
      const stored = Math.max(0, Math.fround(warp.fill * divisor));
      const features =
        form === "bytes"
          ? Uint8Array.from({ length: EXAMPLES * cols }, (_, i) => (blank(i) ? stored : random.integer(256)))
          : Float32Array.from({ length: EXAMPLES * cols }, (_, i) => (blank(i) ? stored : random.normal()));
      const batchSize = 9;
      const twins = await Twins.of(source, { layers: [cols, 5], batchSize, features, divisor, threads: 2, warp });
      const { trained } = twins.plan;
      const { integers, floats } = twins.wanted;
      for (let i = 0; i < 3 * batchSize; i++) {
        integers[trained!.order + i] = random.integer(EXAMPLES);
        const near = (x: number) => x + (i % 3 === 0 ? 3 : 0.1) * random.normal();
        const window = [random.integer(Math.max(1, fieldSize)), random.integer(Math.max(1, fieldSize))];
        const erased = [random.integer(width), width, 0, random.integer(height)];
        const matrix = [near(1), near(0), near(1), near(0), near(1), near(1)];
        const numbers = [...matrix, i % 4 === 0 ? 0 : near(1), i % 5 < 3 ? 0 : 0.1, ...window, ...erased];
        floats.set(numbers, trained!.warp!.numbers + i * WARP_NUMBERS);
      }
      for (let i = 0; i < 3 * fieldFloats(warp); i++) floats[trained!.warp!.fields + i] = random.normal();
      for (const rows of [batchSize, 4, 1])
        twins.rows(`moved pixels of ${cols} columns`, "ordinary", rows, (k, batch, first) =>
          k.gather(batch.input, batch.targets, trained!, 5 + first),
        );
    });

    test.each(Object.keys(FLAVOURS) as Flavour[])(
      "in dropout, input noise, clipping, L1, the mean and max-norm, on %s numbers",
      async (flavour) => checkStepKernels(source, flavour),
    );

    test.each(OPTIMIZERS)("in the optimizer %s", async (optimizer) => {
      for (const [layers, batchSize] of [SHAPES[0]!, SHAPES[2]!, SHAPES[3]!]) {
        const twins = await Twins.of(source, { layers, batchSize, optimizer, threads: 3 });
        const { offset } = twins.plan.coefficients;
        for (const flavour of Object.keys(FLAVOURS) as Flavour[])
          for (const decay of [0, 0.01]) {
            twins.refill(flavour);
            twins.wanted.floats.set([0.05, decay, 0.9, 0.1, 0.999, 0.001, 1e-8, 1.5], offset + 8);
            twins.weights(`${optimizer} with λ = ${decay}`, flavour, batchSize, (k, { weights, biases }) => {
              for (const { spans } of [...weights, ...biases]) k.update(optimizer, spans, offset + 8);
            });
          }
      }
    });
  });

  describe(`${source.name} and the reference leave the same SHA-256`, { timeout: 120_000 }, () => {
    const network = defineNetwork([37, 21, 33, 9, 7], "relu");
    test.each(OPTIMIZERS)("after 50 steps of %s", async (optimizer) => {
      const [mine, reference] = [
        await fiftySteps(source, network, optimizer),
        await fiftySteps(referenceBackend, network, optimizer),
      ];
      expect(mine).toBe(reference);
    });
    test.each(ACTIVATIONS.filter((activation) => activation !== "relu"))(
      "after 50 steps with %s",
      async (activation) => {
        const other = defineNetwork(network.layers, activation);
        expect(await fiftySteps(source, other, "sgd")).toBe(await fiftySteps(referenceBackend, other, "sgd"));
      },
    );
  });
}

const KERNELS = [
  "gather",
  "dense",
  "outputDelta",
  "backpropagate",
  "weightGradient",
  "biasGradient",
  "update",
  "updateWeights",
] as const satisfies (keyof Kernels)[];

/**
 * The backend with counters: calls of each kernel, and elements of the memory that it reads or writes from JavaScript.
 * The kernels of WebAssembly and C reach the memory by themselves; plain loops, and a kernel that fell back on them,
 * touch every element here.
 */
function counting(source: Backend): Backend & { calls: Map<string, number>; touched: Map<string, number> } {
  const [calls, touched] = [new Map<string, number>(), new Map<string, number>()];
  let elements = 0;
  const watched = <A extends object>(array: A): A =>
    new Proxy(array, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) elements++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set(target, key, value) {
        elements++;
        return Reflect.set(target, key, value, target);
      },
    });
  const counted = <A extends unknown[]>(name: string, kernel: (...given: A) => void) => {
    return (...given: A) => {
      const before = elements;
      kernel(...given);
      calls.set(name, (calls.get(name) ?? 0) + 1);
      touched.set(name, (touched.get(name) ?? 0) + elements - before);
    };
  };
  return {
    ...source,
    calls,
    touched,
    async kernels(store, memory, plan, rank) {
      const { floats, doubles, integers } = memory;
      const views = { floats: watched(floats), doubles: watched(doubles), integers: watched(integers) };
      const kernels = await source.kernels(store, { ...memory, ...views }, plan, rank);
      const each = Object.entries(kernels).filter(([name]) => name !== "note"); // so that each call is seen
      const entries = each.map(([name, kernel]) =>
        typeof kernel === "function" ? [name, counted(name, kernel)] : [name, kernel],
      );
      return Object.fromEntries(entries) as Kernels;
    },
  };
}

/** SHA-256 of parameters, states and losses after two calls of 25 steps on bytes, each with a small last batch. */
async function fiftySteps(source: Backend, network: Network, optimizer: Optimizer): Promise<string> {
  const random = new Random(11, PURPOSE);
  const rows = 80;
  const batchSize = 13;
  const features = Uint8Array.from({ length: rows * network.layers[0]! }, () =>
    random.integer(3) === 0 ? 0 : random.integer(256),
  );
  const labels = Int32Array.from({ length: rows }, () => random.integer(network.layers.at(-1)!));
  const length = 24 * batchSize + 5;
  const setup: Setup = {
    ...{ network, batchSize, features, divisor: 255, labels, optimizer, capacity: length, labelSmoothing: 0.1 },
  };
  const prepared = prepare(source, setup, 1, false);
  const kernels = await source.kernels(prepared.store, prepared.memory, prepared.plan, { thread: 0, threads: 1 });
  const session = new LocalSession(source.name, prepared, setup, kernels);
  session.writeParameters(initialize(network, "he", 2));
  const settings = { ...OPTIMIZER_DEFAULTS, optimizer, weightDecay: 0.001 };
  const parts: Uint8Array[] = [];
  for (const call of [0, 1]) {
    const order = Uint32Array.from({ length }, () => random.integer(rows));
    const rates = new Float64Array(25).fill(optimizer.startsWith("adam") ? 0.003 : 0.05);
    const walk = await session.train(order, optimizerCoefficients(settings, rates, 1 + 25 * call));
    expect(walk.stoppedAt).toBe(-1);
    parts.push(new Uint8Array(walk.losses.buffer), new Uint8Array(walk.predictions.buffer));
  }
  for (const block of [session.readParameters(), ...session.readStates()])
    parts.push(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
  await session.close();
  return sha256(...parts);
}
