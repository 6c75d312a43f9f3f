// Sub-path deltaprop/sessions: the floor below training, for study: engines, sessions, and the arrays of a batch.

export type {
  DrawnRows,
  Engine,
  EngineChoice,
  EngineName,
  FeatureRows,
  Features,
  KernelChoice,
  KernelChoices,
  KernelTable,
  Mixes,
  OnProgress,
  RankExchange,
  Session,
  Setup,
  StepResults,
  Warps,
} from "./engines/engine.ts";
export { chooseEngine, ENGINES } from "./engines/registry.ts";
export { DeltapropError, EngineUnavailable, EnvironmentFailure, InvalidInput, type Place } from "./errors.ts";
export { OPTIMIZERS, type Optimizer } from "./gradients/kernels.ts";
export type { BatchArrays, Floats, LayerArrays, NormArrays } from "./network/memory.ts";
export {
  ACTIVATIONS,
  type Activation,
  defineNetwork,
  type LayerOptions,
  LIMITS,
  type Network,
  parameterCount,
} from "./network/network.ts";
export { INITIALIZATIONS, type Initialization, initialize } from "./network/parameters.ts";
export { ARITHMETICS, type Arithmetic, COEFFICIENTS, type Draws } from "./network/plan.ts";
export type { Clipping } from "./network/row-clipping.ts";
export type { ClassIndices } from "./network/targets.ts";
export { type PixelForm, WARP_NUMBER, WARP_NUMBERS, type WarpForm } from "./network/warp.ts";
