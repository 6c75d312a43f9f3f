// Sums over rows that go on where they were left, as ranks pass them on.
import { expect, test } from "vitest";
import { frontOver } from "../../src/gradients/front-scale-kernels.ts";
import type { FrontKernels, Kernels } from "../../src/gradients/kernels.ts";
import { referenceKernels } from "../../src/gradients/reference.ts";
import { viewMemory } from "../../src/network/memory.ts";
import type { View } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";

const [B, I, O] = [7, 5, 5];

test.each([4, 8] as const)(
  "sums of %i bytes over rows in three parts, divided once, are those of all rows",
  (bytes) => {
    const memory = viewMemory(new ArrayBuffer(8192), bytes);
    const { floats } = memory;
    const random = new Random(4, 2);
    let next = 0;
    const matrix = (rows: number, cols: number): View => {
      const view = { offset: next, rows, cols, stride: cols + 1 };
      next += rows * view.stride;
      return view;
    };
    const [input, delta] = [matrix(B, I), matrix(B, O)];
    for (let i = 0; i < next; i++) floats[i] = random.normal() * 10 ** random.integer(6);
    const k = { ...referenceKernels(memory), ...frontOver(memory) } as Kernels & FrontKernels;
    const sums: [View, (to: View, rows: (view: View) => View, adds: boolean) => void][] = [
      [matrix(I, O), (to, rows, adds) => k.weightGradient(to, rows(input), rows(delta), adds)],
      [matrix(1, O), (to, rows, adds) => k.biasGradient(to, rows(delta), adds)],
      [matrix(1, O), (to, rows, adds) => k.scaleGradient(to, rows(input), rows(delta), adds)],
    ];
    const inverse = bytes === 4 ? Math.fround(1 / B) : 1 / B;
    for (const [to, add] of sums) {
      add(to, (view) => view, false);
      const numbers = () => floats.slice(to.offset, to.offset + to.rows * to.stride);
      const wanted = numbers();
      floats.fill(0, to.offset, to.offset + to.rows * to.stride);
      for (const [from, end] of [
        [0, 2],
        [2, 3],
        [3, 7],
      ] as const)
        add(to, (view) => ({ ...view, offset: view.offset + from * view.stride, rows: end - from }), true);
      expect(numbers().map((sum) => sum * inverse)).toEqual(wanted);
      expect(wanted.some((sum) => sum !== 0)).toBe(true);
    }
  },
);
