// Where a run's numbers first stopped being finite, read from the session's memory as the failing step left it.
import type { Session } from "../engines/engine.ts";
import type { View } from "../network/plan.ts";

/**
 * The first layer at which something is not finite, as words. Parameters come first: if one is not finite, the update before this
 * step made it so, and the activations only show it. `rows` is the size of the batch that failed.
 */
export function firstNonFinite(session: Session, rows: number): string {
  const { layers } = session.plan.batch;
  const { floats } = session.memory;
  const broken = (view: View): boolean => {
    for (let i = 0; i < view.rows; i++)
      for (let j = 0; j < view.cols; j++) if (!Number.isFinite(floats[view.offset + i * view.stride + j])) return true;
    return false;
  };
  const name = (l: number) => `layer ${l + 1}${l === layers.length - 1 ? " (the logits)" : ""}`;
  const parameters = layers.findIndex(({ W, b }) => broken(W) || broken(b));
  if (parameters >= 0) return `the update before it had left the parameters of layer ${parameters + 1} not finite`;
  const activations = layers.findIndex(({ output }) => broken({ ...output, rows }));
  if (activations >= 0) return `the activations of ${name(activations)} were the first that were not finite`;
  return "every parameter and activation was still finite, the loss itself was not";
}
