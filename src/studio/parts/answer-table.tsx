// The answer of a model of numbers or labels to one row: each by its name, beside what it is in the data if that is
// known.

import type { ReadOutputs } from "../../training/value-targets.ts";
import type { RunDescription } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { answerText, wantedText } from "./answer-words.ts";
import { shortNumber } from "./numbers.ts";
import "../style/figures.css";

const SHOWN = 40; // targets

export type AnswerTableProps = {
  readonly found: Pick<RunDescription, "task" | "classes" | "loss">;
  readonly answer: ReadOutputs;
  readonly wanted: Float64Array | null;
};

export function AnswerTable({ found, answer, wanted }: AnswerTableProps) {
  const { task, classes } = found;
  const numbers = task === "regress";
  return (
    <div class="scroll">
      <table class="answer-table">
        <thead>
          <tr>
            <th scope="col">{t(numbers ? "target" : "label")}</th>
            {wanted && <th scope="col">{t("is")}</th>}
            <th scope="col">{t(numbers ? "answered" : "there with")}</th>
            {wanted && numbers && <th scope="col">{t("off by")}</th>}
          </tr>
        </thead>
        <tbody>
          {classes.slice(0, SHOWN).map((name, j) => {
            const right = wanted && !numbers ? answer.values[j]! >= 0.5 === wanted[j]! >= 0.5 : null;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                {wanted && <td>{wantedText(task, wanted[j]!)}</td>}
                <td class={right === null ? undefined : right ? "right" : "wrong"}>{answerText(found, answer, j)}</td>
                {wanted && numbers && <td>{shortNumber(answer.values[j]! - wanted[j]!)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
