// The calls of native/between.h: what lies between a layer's sums and what the next is given.
import type { Kernels } from "../../gradients/kernels.ts";
import type { Opened } from "./addon.ts";
import { activated, Calls, view } from "./registered-calls.ts";

/** X49, X50, and of X39 the gradient. */
export function betweenOf(opened: Opened): Pick<Kernels, "between" | "front"> {
  const { run } = opened;
  const [normalize, apply, slope, denormalize, join, scaleGradient] = (
    ["normalize", "apply", "slope", "denormalize", "join", "scaleGradient"] as const
  ).map((kind) => new Calls(kind, opened)) as [Calls, Calls, Calls, Calls, Calls, Calls];
  return {
    between: {
      normalize(output, gain, offset, kept) {
        const place = () => (kept ? [...view(kept.normalized), kept.inverses.offset] : []);
        const numbers = () => [...view(output), ...view(gain), ...view(offset), ...place()];
        run(normalize.of(output, numbers, gain, offset, kept), 0);
      },
      apply(output, activation) {
        run(
          apply.of(output, () => [...view(output), activated(activation)], activation),
          0,
        );
      },
      slope(delta, above, kept, activation) {
        const numbers = () => [...view(delta), ...view(above), ...view(kept), activated(activation)];
        run(slope.of(delta, numbers, above, kept, activation), 0);
      },
      denormalize(delta, above, gain, kept) {
        const place = () => [...view(kept.normalized), kept.inverses.offset];
        const numbers = () => [...view(delta), ...view(above), ...view(gain), ...place()];
        run(denormalize.of(delta, numbers, above, gain, kept), 0);
      },
      join(sum, x, y) {
        run(
          join.of(sum, () => [...view(sum), ...view(x), ...view(y)], x, y),
          0,
        );
      },
    },
    front: {
      scaleGradient(gradient, input, delta) {
        const numbers = () => [...view(gradient), ...view(input), ...view(delta)];
        run(scaleGradient.of(gradient, numbers, input, delta), 0);
      },
    },
  };
}
