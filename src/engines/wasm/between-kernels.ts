// What lies between layers, on the functions of between-module.ts, smooth.ts and pointwise.ts.
import type { Kernels } from "../../gradients/kernels.ts";
import { keepsSlope } from "../../network/network.ts";
import type { View } from "../../network/plan.ts";
import { type BetweenFunctions, isPlain } from "./between-module.ts";
import { isSmooth, type SmoothFunctions } from "./smooth.ts";
import type { WasmFunctions } from "./wasm-functions.ts";

const address = ({ offset }: View) => 4 * offset;
const stride = (view: View) => 4 * view.stride;
const rowsAt = (view: View) => [address(view), stride(view)] as const;

export function betweenOf(
  k: BetweenFunctions,
  plain: Pick<WasmFunctions, "tanh" | "sigmoid">,
  smooth: SmoothFunctions | undefined,
): Pick<Kernels, "between" | "front"> {
  const join = (sum: View, x: View, y: View) => k.join(...rowsAt(sum), ...rowsAt(x), ...rowsAt(y), sum.rows, sum.cols);
  return {
    between: {
      join,

      normalize(output, gain, offset, kept) {
        const normalized = rowsAt(kept?.normalized ?? output);
        const inverses = kept ? 8 * kept.inverses.offset : 0;
        const { rows, cols } = output;
        k.normalize(...rowsAt(output), rows, cols, address(gain), address(offset), ...normalized, inverses);
      },

      apply(output, activation) {
        const size = [...rowsAt(output), output.rows, output.cols] as const;
        if (activation === "identity") return;
        if (isSmooth(activation)) smooth![activation](...size);
        else if (activation === "tanh" || activation === "sigmoid") plain[activation](...size);
        else k[activation](...size);
      },

      slope(delta, above, kept, activation) {
        const { rows, cols } = delta;
        if (isPlain(activation)) {
          k[`${activation}Slope`](...rowsAt(delta), ...rowsAt(above), ...rowsAt(kept), rows, cols);
          return;
        }
        if (delta !== above) k.copy(...rowsAt(delta), ...rowsAt(above), ...rowsAt(above), rows, cols);
        if (!isSmooth(activation)) return;
        const sweep = keepsSlope(activation) ? smooth!.timesSlopes : smooth![`${activation}Back`];
        sweep(...rowsAt(delta), ...rowsAt(kept), rows, cols);
      },

      denormalize(delta, above, gain, { normalized, inverses }) {
        const { rows, cols } = delta;
        const kept = [...rowsAt(normalized), 8 * inverses.offset] as const;
        k.denormalize(...rowsAt(delta), rows, cols, ...rowsAt(above), address(gain), ...kept);
      },
    },
    front: {
      scaleGradient(gradient, input, delta, adds = false) {
        const size = [delta.rows, adds ? 1 : 0, adds ? 1 : 1 / delta.rows] as const;
        k.scaleGradient(address(gradient), gradient.cols, ...rowsAt(input), ...rowsAt(delta), ...size);
      },
    },
  };
}
