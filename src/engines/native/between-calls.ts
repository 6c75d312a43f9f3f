// The calls of native/between.h: what lies between a layer's sums and what the next is given.
import type { Kernels } from "../../gradients/kernels.ts";
import type { Opened } from "./addon.ts";
import { activated, Calls, viewNumbers } from "./registered-calls.ts";

/** X49, X50, and of X39 the gradient. */
export function betweenOf(opened: Opened): Pick<Kernels, "between" | "front"> {
  const { run } = opened;
  const [normalize, apply, slope, denormalize, join, scaleGradient] = (
    ["normalize", "apply", "slope", "denormalize", "join", "scaleGradient"] as const
  ).map((kind) => new Calls(kind, opened)) as [Calls, Calls, Calls, Calls, Calls, Calls];
  return {
    between: {
      normalize(output, gain, offset, kept) {
        const place = () => (kept ? [...viewNumbers(kept.normalized), kept.inverses.offset] : []);
        const numbers = () => [...viewNumbers(output), ...viewNumbers(gain), ...viewNumbers(offset), ...place()];
        run(normalize.of(output, numbers, gain, offset, kept), 0);
      },
      apply(output, activation) {
        run(
          apply.of(output, () => [...viewNumbers(output), activated(activation)], activation),
          0,
        );
      },
      slope(delta, above, kept, activation) {
        const numbers = () => [
          ...viewNumbers(delta),
          ...viewNumbers(above),
          ...viewNumbers(kept),
          activated(activation),
        ];
        run(slope.of(delta, numbers, above, kept, activation), 0);
      },
      denormalize(delta, above, gain, kept) {
        const place = () => [...viewNumbers(kept.normalized), kept.inverses.offset];
        const numbers = () => [...viewNumbers(delta), ...viewNumbers(above), ...viewNumbers(gain), ...place()];
        run(denormalize.of(delta, numbers, above, gain, kept), 0);
      },
      join(sum, x, y) {
        run(
          join.of(sum, () => [...viewNumbers(sum), ...viewNumbers(x), ...viewNumbers(y)], x, y),
          0,
        );
      },
    },
    front: {
      scaleGradient(gradient, input, delta, adds = false) {
        const numbers = () => [...viewNumbers(gradient), ...viewNumbers(input), ...viewNumbers(delta), Number(adds)];
        run(scaleGradient.of(gradient, numbers, input, delta, adds), 0);
      },
    },
  };
}
