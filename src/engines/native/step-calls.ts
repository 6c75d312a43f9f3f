// The native kernels of what a step draws and of what bounds it (X33 … X38, X40, X41).
import type { DrawKernels, LimitKernels, PrivateKernels } from "../../gradients/kernels.ts";
import { COEFFICIENT, type PlannedDraws } from "../../network/plan.ts";
import type { Opened } from "./addon.ts";
import { Calls, updateNumbers, viewNumbers } from "./registered-calls.ts";

const TWO_32 = 2 ** 32;

/** amount, halves of the seed, place of the examples' numbers. */
const described = (amount: number, { seed, examples }: PlannedDraws) => [
  amount,
  seed >>> 0,
  Math.floor(seed / TWO_32) >>> 0,
  examples,
];

export function drawCalls(opened: Opened): DrawKernels {
  const { run } = opened;
  const [drop, addNoise, mask] = [new Calls("drop", opened), new Calls("addNoise", opened), new Calls("mask", opened)];
  return {
    // X37
    addNoise(input, draws, { epoch, at }) {
      const { inputNoise = 0 } = draws;
      if (epoch === 0 || inputNoise === 0) return;
      const numbers = () => [...viewNumbers(input), ...described(inputNoise, draws)];
      run(addNoise.of(input, numbers, draws), at, epoch >>> 0);
    },

    // X36
    drop(passed, mask, output, draws, { epoch, at }, layer) {
      const numbers = () => {
        const views = [...viewNumbers(passed), ...viewNumbers(mask), ...viewNumbers(output)];
        return [...views, layer, ...described(draws.dropout ?? 0, draws)];
      };
      run(drop.of(mask, numbers, passed, output, draws, layer), at, epoch >>> 0);
    },

    // X36
    mask(delta, of) {
      run(
        mask.of(delta, () => [...viewNumbers(delta), ...viewNumbers(of)], of),
        0,
      );
    },
  };
}

export function limitCalls(opened: Opened): LimitKernels {
  const { run } = opened;
  const [squares, clip] = [new Calls("squares", opened), new Calls("clip", opened)];
  const [shrink, average] = [new Calls("shrinkWeights", opened), new Calls("moveMean", opened)];
  const holdUnits = new Calls("holdUnits", opened);
  return {
    // X33
    squares(sums, dW) {
      run(
        squares.of(sums, () => [...viewNumbers(dW), sums.offset], dW.offset, dW.cols),
        0,
      );
    },

    // X33
    clip(gradients, factor) {
      run(
        clip.of(gradients, () => [gradients.length, gradients.offset], undefined),
        0,
        factor,
      );
    },

    // X34
    shrink(weights, by) {
      run(
        shrink.of(weights, () => [weights.length, weights.offset], undefined),
        0,
        by,
      );
    },

    // X38
    average(mean, parameters, share) {
      run(
        average.of(mean, () => [mean.length, parameters.offset, mean.offset], parameters),
        0,
        share,
      );
    },

    // X35
    holdUnits(W, most) {
      run(
        holdUnits.of(W, () => viewNumbers(W), undefined),
        0,
        most,
      );
    },
  };
}

export function privateCalls(opened: Opened): PrivateKernels {
  const { run } = opened;
  const [scaleRows, noisyUpdate] = [new Calls("scaleRows", opened), new Calls("noisyUpdate", opened)];
  return {
    // X40
    scaleRows(delta, factors) {
      run(
        scaleRows.of(delta, () => [...viewNumbers(delta), factors.offset], factors.offset),
        0,
      );
    },

    // X41
    noisyUpdate(optimizer, arrays, gradient, { first }, { key, factor }, coefficients) {
      const numbers = () => {
        const noise = [...viewNumbers(gradient), first, key, factor + COEFFICIENT.rate];
        return [...noise, ...updateNumbers(optimizer, arrays)];
      };
      run(noisyUpdate.of(arrays, numbers, optimizer, gradient, first, factor), coefficients);
    },
  };
}
