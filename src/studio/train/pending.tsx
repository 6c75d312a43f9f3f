// Edited settings that are not in force: some can change while the run goes on, the others make another run.
import { plural, t } from "../language/words.ts";
import { localText } from "../parts/numbers.ts";
import { progress } from "../state/store.ts";
import { applyDraft, changed, changeNow, discardDraft, goingOn } from "./draft.ts";

export function Pending() {
  if (!changed.value || (progress.value?.steps ?? 0) === 0) return null;
  const wanted = goingOn.value;
  const toView = () => document.getElementById("main")?.focus();
  const then = (act: () => unknown) => () => {
    toView();
    act();
  };
  return (
    <div class="failure pending" role="status">
      <p>
        {wanted
          ? t("Go on with {settings}, or start anew with it? Either way the run so far stays kept.", {
              settings: wordsOf(wanted),
            })
          : t("These settings make another run. The one at hand stays kept in this browser.")}
      </p>
      <p class="keys">
        {wanted && (
          <button type="button" class="primary" onClick={then(() => changeNow(wanted))}>
            {t("Go on")}
          </button>
        )}
        <button type="button" class={wanted ? undefined : "primary"} onClick={then(() => applyDraft())}>
          {t("Start the new run")}
        </button>
        <button type="button" onClick={then(discardDraft)}>
          {t("Keep the old settings")}
        </button>
      </p>
    </div>
  );
}

const NAMES = { epochs: "epochs", learningRate: "η", weightDecay: "λ", batchSize: "B" } as const;

function wordsOf(wanted: NonNullable<typeof goingOn.value>): string {
  const words = Object.entries(wanted).map(([name, value]) =>
    name === "epochs"
      ? plural(value, "{n} epoch", "{n} epochs")
      : `${NAMES[name as keyof typeof NAMES]} = ${localText(String(value))}`,
  );
  const later = wanted.batchSize !== undefined && (progress.value?.step ?? 0) > 0;
  return `${words.join(", ")}${later ? ` ${t("(the epoch at hand is finished first)")}` : ""}`;
}
