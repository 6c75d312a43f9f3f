// What is minimized: the losses for what there is to learn, with their constants, and label smoothing.

import { checkLoss, LOSSES, type Loss, type LossName, lossTask } from "../../network/losses.ts";
import { lossWord, readLossWord, usualLoss } from "../../training/loss-text.ts";
import { t } from "../language/words.ts";
import { LOSS_NAMES } from "../parts/answer-words.ts";
import { ChoiceField, TypedField } from "../parts/field.tsx";
import { readNumber, readShare, type StudioSetup } from "../state/setup.ts";
import { opened } from "../state/store.ts";
import { choose, draft } from "./draft.ts";

/** The loss of edited settings, on the data that are open. */
export function draftLoss({ loss }: StudioSetup): Loss {
  return loss === "" ? usualLoss(opened.value?.task ?? "classify") : readLossWord(loss, "the loss");
}

export function LossField() {
  const { value } = draft;
  const loss = draftLoss(value);
  const task = lossTask(loss);
  const usual = usualLoss(task).name;
  const set = (next: Loss) => choose({ loss: next.name === usual ? "" : lossWord(next) });
  return (
    <div class="pair">
      <ChoiceField<LossName>
        label={t("Loss")}
        hint={loss.name === usual ? t("as usual for what is learned") : undefined}
        value={loss.name}
        options={LOSSES.filter((name) => lossTask(checkLoss(name)) === task).map((name) => ({
          value: name,
          name: t(LOSS_NAMES[name]),
        }))}
        onChoose={(name) => set(checkLoss(name))}
      />
      <Constant loss={loss} onLoss={set} />
      {task !== "regress" && (
        <TypedField
          label={t("Label smoothing ε")}
          expected={t("a number from 0, below 1")}
          value={value.labelSmoothing}
          read={readShare}
          onValue={(labelSmoothing) => choose({ labelSmoothing })}
          suggestions={[0, 0.05, 0.1]}
        />
      )}
    </div>
  );
}

/** The constant of a loss that has one. */
function Constant({ loss, onLoss }: { readonly loss: Loss; readonly onLoss: (loss: Loss) => void }) {
  switch (loss.name) {
    case "huber":
      return (
        <TypedField
          label={t("Threshold d")}
          hint={t("in deviations of the target")}
          expected={t("a number above 0")}
          value={loss.threshold!}
          read={(text) => (readNumber(text) > 0 ? readNumber(text) : undefined)}
          onValue={(threshold) => onLoss({ name: loss.name, threshold })}
          suggestions={[0.5, 1, 2]}
        />
      );
    case "focal":
      return (
        <TypedField
          label={t("Focus γ")}
          expected={t("a number, 0 or more")}
          value={loss.gamma!}
          read={(text) => (readNumber(text) >= 0 ? readNumber(text) : undefined)}
          onValue={(gamma) => onLoss({ name: loss.name, gamma })}
          suggestions={[0.5, 1, 2]}
        />
      );
    case "quantile":
      return (
        <TypedField
          label={t("Levels τ")}
          expected={t("numbers between 0 and 1, with commas between")}
          value={loss.levels!.join(",")}
          read={(text) => (levelsIn(text) ? text.replaceAll(/\s/g, "") : undefined)}
          onValue={(text) => onLoss({ name: loss.name, levels: levelsIn(text)! })}
        />
      );
    default:
      return null;
  }
}

function levelsIn(text: string): readonly number[] | undefined {
  const levels = text.split(",").map(readNumber);
  return levels.every((level) => level > 0 && level < 1) ? levels : undefined;
}
