// The draws that a session's rows are given, checked: the kernels take places in the fields as they are.
import { must } from "../errors.ts";
import type { Plan } from "../network/plan.ts";
import { fieldFloats, WARP_NUMBER, WARP_NUMBERS, type WarpForm } from "../network/warp.ts";
import type { DrawnRows, Warps } from "./engine.ts";
import { checkedMixes } from "./mixes.ts";

/** With a copy of the examples' numbers. Raises InvalidInput for draws that the setup has no room for. */
export function checkedDraws(
  plan: Pick<Plan, "draws" | "trained" | "batchSize">,
  draws: DrawnRows | undefined,
  order: Uint32Array,
): Required<DrawnRows> | undefined {
  if (draws === undefined) return undefined;
  const { draws: room, trained } = plan;
  must(room !== undefined || trained !== undefined, "draws", "left out: this session's setup has none", draws);
  const { epoch, examples = order } = draws;
  const warps = checkedWarps(draws.warps, trained?.warp, order.length);
  const mixes = checkedMixes(draws.mixes, plan, order.length);
  must(Number.isInteger(epoch) && epoch >= 1, "draws.epoch", "an integer ≥ 1", epoch);
  must(examples.length === order.length, "draws.examples", `${order.length} numbers`, examples.length);
  return { epoch, examples: examples.slice(), warps, mixes };
}

/** With a copy of the numbers of `rows` examples. Raises InvalidInput unless there are warps exactly where planned. */
function checkedWarps(warps: Warps | undefined, form: WarpForm | undefined, rows: number): Warps | undefined {
  const wanted = form ? "numbers and fields, as the setup has a warp" : "left out: the setup has no warp";
  must((warps === undefined) === (form === undefined), "warps", wanted, warps);
  if (!form || !warps) return undefined;
  const { numbers, fields } = warps;
  must(numbers.length === rows * WARP_NUMBERS, "warps.numbers", `${rows} × ${WARP_NUMBERS} numbers`, numbers.length);
  must(fields.length === 3 * fieldFloats(form), "warps.fields", `${3 * fieldFloats(form)} numbers`, fields.length);
  for (let at = WARP_NUMBER.windowX; form.fieldSize > 0 && at < numbers.length; at += WARP_NUMBERS)
    for (const place of [numbers[at]!, numbers[at + 1]!]) {
      const ok = Number.isInteger(place) && place >= 0 && place < form.fieldSize;
      must(ok, "warps.numbers", `windows from 0 to ${form.fieldSize - 1}`, place);
    }
  return { numbers: numbers.slice(), fields };
}
