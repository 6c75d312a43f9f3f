// The parameters of the model that a run has come to, where those are not θ itself; and figures under others than θ.
import type { Session } from "../engines/engine.ts";
import type { Floats } from "../network/memory.ts";
import type { StepOptions } from "./step-options.ts";

/** Whether the model's parameters are others than θ. */
export const differs = ({ averageDecay }: StepOptions): boolean => averageDecay !== undefined;

/** Those of the model after `steps` steps: θ, or its mean over steps once there is one. */
export function modelParameters(session: Session, { averageDecay }: StepOptions, steps: number): Float32Array {
  const averaged = averageDecay !== undefined && steps > 0;
  return float32(averaged ? session.readStates().at(-1)! : session.readParameters());
}

/** Do `work` while the session holds `parameters` for θ; undefined: θ itself. */
export async function holding<R>(
  session: Session,
  parameters: Float32Array | undefined,
  work: () => Promise<R>,
): Promise<R> {
  if (parameters === undefined) return work();
  const last = session.readParameters();
  session.writeParameters(parameters);
  const result = await work();
  session.writeParameters(last);
  return result;
}

function float32(values: Floats): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
