// The parameters of the model that a run has come to, where those are not θ itself; and figures under others than θ.
import type { Session } from "../engines/engine.ts";
import type { Floats } from "../network/memory.ts";
import { type Network, parameterCount } from "../network/network.ts";
import type { StepOptions } from "./step-options.ts";

/** Whether the model's parameters are others than θ. */
export const differs = ({ averageDecay, frontScale }: StepOptions): boolean =>
  averageDecay !== undefined || frontScale !== undefined;

/** Numbers of θ in a run: those of the network, and of a learned scale of the inputs. */
export const trainedCount = (network: Network, { frontScale }: StepOptions): number =>
  parameterCount(network) + (frontScale === undefined ? 0 : network.layers[0]!);

/** `parameters` of the network with the scale 1 behind them, where one is learned. */
export function withScale(network: Network, options: StepOptions, parameters: Float32Array): Float32Array {
  const out = new Float32Array(trainedCount(network, options)).fill(1);
  out.set(parameters);
  return out;
}

/**
 * Those of the model after `steps` steps: θ, or its mean over steps once there is one, with the scale of the inputs
 * multiplied into W₁: (x ⊙ s)W₁ = x(diag(s)W₁).
 */
export function modelParameters(session: Session, options: StepOptions, steps: number): Float32Array {
  const averaged = options.averageDecay !== undefined && steps > 0;
  const all = float32(averaged ? session.readStates().at(-1)! : session.readParameters());
  if (options.frontScale === undefined) return all;
  const P = parameterCount(session.network);
  const [D, H] = session.network.layers as [number, number];
  const parameters = all.slice(0, P);
  for (let j = 0; j < D; j++) for (let o = 0; o < H; o++) parameters[j * H + o]! *= all[P + j]!;
  return parameters;
}

/** Do `work` while the session holds `parameters` of a model for θ; undefined: θ itself. */
export async function holding<R>(
  session: Session,
  options: StepOptions,
  parameters: Float32Array | undefined,
  work: () => Promise<R>,
): Promise<R> {
  if (parameters === undefined) return work();
  const last = session.readParameters();
  session.writeParameters(withScale(session.network, options, parameters));
  const result = await work();
  session.writeParameters(last);
  return result;
}

function float32(values: Floats): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
