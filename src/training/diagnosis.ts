// Where a run's numbers first stopped being finite, read from the arrays that the failing step left.
import type { Session } from "../engines/engine.ts";
import { packedLayers } from "../network/parameters.ts";

/**
 * The first layer at which a number is not finite, as words. Parameters come first: if one is not finite, the update
 * before this step made it so, and the activations only show it. `rows` is the size of the batch that failed; 0 looks
 * at parameters alone.
 */
export function firstNonFinite(session: Session, rows: number): string {
  const finite = (values: ArrayLike<number>) => Array.prototype.every.call(values, Number.isFinite);
  const parameters = session.readParameters();
  const layers = packedLayers(session.network);
  const updated = layers.findIndex(({ W, b, outputs }) => !finite(parameters.subarray(W, b + outputs)));
  if (updated >= 0) return `the update before it had left the parameters of layer ${updated + 1} not finite`;
  const activated = rows === 0 ? -1 : session.arrays(rows).layers.findIndex(({ output }) => !finite(output));
  const name = `layer ${activated + 1}${activated === layers.length - 1 ? " (the logits)" : ""}`;
  if (activated >= 0) return `the activations of ${name} were the first that were not finite`;
  return "every parameter and activation was still finite, the loss itself was not";
}
