// What the module of the kernels exports, as JavaScript calls it.
import type { Optimizer } from "../../gradients/kernels.ts";
import type { ProductFunction } from "./products.ts";

/** The module's functions. Addresses, strides and `toW` are bytes; a count of columns is elements. */
export type WasmFunctions = Record<"dense" | "backpropagate" | "weightGradient", ProductFunction> &
  Record<"tanh" | "sigmoid", (a: number, stride: number, rows: number, cols: number) => void> &
  Record<
    Optimizer,
    (θ: number, end: number, gradients: number, m: number, v: number, coefficients: number, λ: number) => void
  > & {
    biasGradient(
      db: number,
      columns: number,
      delta: number,
      deltaStride: number,
      rows: number,
      adds: 0 | 1,
      inverseB: number,
    ): void;
    softmaxCrossEntropy(
      delta: number,
      deltaStride: number,
      losses: number,
      predictions: number,
      logits: number,
      logitsStride: number,
      targets: number,
      targetsStride: number,
      rows: number,
      classes: number,
      scratch: number,
    ): void;
    gatherBytes(
      input: number,
      stride: number,
      rows: number,
      cols: number,
      order: number,
      features: number,
      table: number,
    ): void;
    gatherFloats(
      input: number,
      stride: number,
      rows: number,
      cols: number,
      order: number,
      features: number,
      divisor: number,
    ): void;
    warp(
      input: number,
      stride: number,
      rows: number,
      width: number,
      height: number,
      channels: number,
      fieldSize: number,
      numbers: number,
      fields: number,
      image: number,
      fill: number,
    ): void;
    gatherTargets(
      targets: number,
      stride: number,
      rows: number,
      classes: number,
      order: number,
      labels: number,
      soft: number,
      scale: number,
      shift: number,
    ): void;
  };
