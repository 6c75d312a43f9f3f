// One example and what the network says to it: its picture or values, the answer, how sure.
import type { ExampleView } from "../lab/protocol.ts";
import { rich, t } from "../language/words.ts";
import { opened } from "../state/store.ts";
import { AnswerTable } from "./answer-table.tsx";
import { Bars } from "./bars.tsx";
import { percentText, shortNumber } from "./numbers.ts";
import { Picture } from "./picture.tsx";
import "../style/verdict.css";

export function Verdict({ example }: { readonly example: ExampleView }) {
  const found = opened.value!;
  const { image, classes } = found;
  const { raw, label, predicted, probabilities, loss, answer, values } = example;
  return (
    <div class="subject">
      {image ? (
        <Picture
          pixels={raw}
          {...image}
          label={answer ? t("The example") : t("The example: class {name}", { name: classes[label]! })}
          class="large"
        />
      ) : (
        <Features raw={raw} />
      )}
      {answer ? (
        <>
          <AnswerTable found={found} answer={answer} wanted={values} />
          <p class="quiet">{t("Loss {loss}.", { loss: shortNumber(loss) })}</p>
        </>
      ) : (
        <p>
          {rich("It is {name}; the network says {answer}, sure to {share}. Loss {loss}.", {
            name: <strong>{classes[label]}</strong>,
            answer: <strong class={predicted === label ? "right" : "wrong"}>{classes[predicted]}</strong>,
            share: percentText(probabilities[predicted]!),
            loss: shortNumber(loss),
          })}
        </p>
      )}
      {!answer && classes.length <= 16 && (
        <Bars names={classes} values={probabilities} picked={label} label={t("Probability of each class")} />
      )}
    </div>
  );
}

const MOST_FEATURES = 12;

function Features({ raw }: { readonly raw: ExampleView["raw"] }) {
  const names = opened.value!.featureNames;
  return (
    <>
      <dl class="features">
        {Array.from(raw.subarray(0, MOST_FEATURES), (value, j) => (
          <div key={names?.[j] ?? j}>
            <dt>{names?.[j] ?? t("feature {j}", { j: j + 1 })}</dt>
            <dd>{shortNumber(value)}</dd>
          </div>
        ))}
      </dl>
      {raw.length > MOST_FEATURES && <p class="quiet">{t("and {n} more", { n: raw.length - MOST_FEATURES })}</p>}
    </>
  );
}
