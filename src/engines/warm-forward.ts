// Forward passes that stay warm from one call of `predict` to the next, with nothing to close: those of the models
// opened last, and none of a model that is gone.
import type { Floats } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import { type Forward, openForward } from "./forward.ts";
import { chooseEngine } from "./registry.ts";

type Warm = { readonly network: Network; readonly copy: Floats; readonly forward: Forward };

const MOST = 8; // models
const warm = new WeakMap<Floats, Map<string, Warm>>();
const recent: WeakRef<Floats>[] = []; // the newest last

/**
 * A forward pass of at least `rows` rows over these parameters, opened now or by an earlier call. Parameters that were
 * written to in between are taken anew. Undefined where the engine's kernels need a promise.
 */
export function warmForward(network: Network, parameters: Floats, rows: number, engine = "auto"): Forward | undefined {
  const { name } = chooseEngine(engine);
  const known = warm.get(parameters)?.get(name);
  const fits = known !== undefined && known.network === network && known.forward.rows >= rows;
  if (fits && sameNumbers(known.copy, parameters)) return known.forward;
  const forward = openForward(network, parameters, rows, name);
  if (forward.engine !== name) return undefined;
  remember(parameters, name, { network, copy: parameters.slice(), forward });
  return forward;
}

function remember(parameters: Floats, engine: string, made: Warm): void {
  const engines = warm.get(parameters) ?? new Map<string, Warm>();
  engines.set(engine, made);
  warm.set(parameters, engines);
  const at = recent.findIndex((one) => one.deref() === parameters);
  if (at >= 0) recent.splice(at, 1);
  recent.push(new WeakRef(parameters));
  const oldest = recent.length > MOST ? recent.shift()?.deref() : undefined;
  if (oldest) warm.delete(oldest);
}

/**
 * Compared as doubles, two floats at a time, where they lie so: half the time. What is no number as a double counts as
 * different; +0 and −0 count as the same, and give the same answers.
 */
function sameNumbers(copy: Floats, parameters: Floats): boolean {
  const { buffer, byteOffset, byteLength, length } = parameters;
  if (copy.length !== length) return false;
  let from = 0;
  if (byteOffset % 8 === 0) {
    const pairs = Math.floor(byteLength / 8);
    const [a, b] = [new Float64Array(copy.buffer, 0, pairs), new Float64Array(buffer, byteOffset, pairs)];
    for (let i = 0; i < pairs; i++) if (a[i] !== b[i]) return false;
    from = Math.floor((pairs * 8) / parameters.BYTES_PER_ELEMENT);
  }
  for (let i = from; i < length; i++) if (copy[i] !== parameters[i]) return false;
  return true;
}
