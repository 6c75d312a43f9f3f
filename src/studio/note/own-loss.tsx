// The loss of a run that is not the note's: its ℓ and δ^L, with the numbers of the chosen example by its formulas
// beside the δ^L that the network's last layer was given.
import { lossText } from "../../training/loss-text.ts";
import { outputNames } from "../parts/answer-words.ts";
import { Formula } from "../parts/formula.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, opened, place } from "../state/store.ts";
import { lossTerms, rowOfLoss } from "./loss-forms.ts";
import { Scroller } from "./scroller.tsx";

const SHOWN = 24; // outputs

export function OwnLoss() {
  const example = useLab(() => {
    const at = place.value;
    return () => lab.example(at);
  }).value;
  const found = opened.value;
  if (!found || found.loss.name === "softmax-cross-entropy") return null;
  const { id, latex, text, remark } = rowOfLoss(found.loss.name);
  const last = example?.layers.at(-1);
  const terms = example && last ? lossTerms(found.loss, last.output, example.targets) : [];
  const names = outputNames(found);
  return (
    <section class="own-loss" id="own-loss" tabIndex={-1} aria-label="The loss of this run">
      <p>
        This run minimizes another loss, {lossText(found.loss)} ({id} of the check). In place of E2 and E8 it has
      </p>
      <Scroller class="formula" label={text}>
        <Formula tex={latex} display />
      </Scroller>
      <p class="quiet">
        {remark} All that follows is as the note has it: E19 asks of a loss its δ<sup>L</sup>, and nothing else.
      </p>
      {last && terms.length > 0 && (
        <div class="scroll">
          <table>
            <caption class="quiet">
              {place.value.part} example {place.value.row + 1}
              {found.targetScaling && ", targets scaled to mean 0 and deviation 1"}
            </caption>
            <thead>
              <tr>
                <th scope="col">output</th>
                <th scope="col">z</th>
                <th scope="col">t</th>
                <th scope="col">ℓ</th>
                <th scope="col">∂ℓ/∂z by the formula</th>
                <th scope="col">
                  δ<sup>L</sup> of the network
                </th>
              </tr>
            </thead>
            <tbody>
              {terms.slice(0, SHOWN).map(({ z, t, value, slope }, c) => (
                <tr key={c}>
                  <th scope="row">{names[c]}</th>
                  {[z, t, value, slope, last.delta[c]!].map((number, k) => (
                    <td key={k}>{shortNumber(number, 5)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
