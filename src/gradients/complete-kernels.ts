// The kernels of an engine with the loops of those that it leaves out, where a network needs them.
import type { ForwardLayer } from "../network/forward-plan.ts";
import type { Memory } from "../network/memory.ts";
import type { Batch } from "../network/plan.ts";
import { betweenOver } from "./between-layers.ts";
import { frontOver } from "./front-scale-kernels.ts";
import type { Kernels } from "./kernels.ts";
import { mixOver } from "./mixed-rows.ts";

type Needs = Pick<Batch, "front" | "partners"> & { readonly layers: readonly Pick<ForwardLayer, "norm" | "joins">[] };

export function completeKernels(k: Kernels, memory: Memory, { front, partners, layers }: Needs): Kernels {
  const between = layers.some(({ norm, joins }) => norm || joins);
  if (!front && !between && !partners) return k;
  return {
    ...k,
    mix: k.mix ?? mixOver(memory),
    front: { ...frontOver(memory), ...k.front },
    between: { ...betweenOver(memory), ...k.between },
  };
}
