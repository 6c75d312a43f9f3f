// Gather drawings and pictures as a data set of one's own, and train on it: gather, train, try.
import { useSignal } from "@preact/signals";
import { plural, t } from "../language/words.ts";

import { Picture } from "../parts/picture.tsx";
import { clear, pixels, SIDE } from "./drawing.ts";
import { gather, gathered, missing, takeAway, trainOnGathered } from "./gathered.ts";

const SHOWN = 8; // pictures of a class

export function Gather() {
  const name = useSignal("");
  const chosen = name.value.trim();
  const shown = pixels.value;
  const keep = () => {
    if (!shown || chosen === "") return;
    gather(shown, chosen);
    clear();
  };
  return (
    <section class="gather" aria-labelledby="gather-title">
      <h2 id="gather-title">{t("Gather your own")}</h2>
      <p>
        {t("Draw or bring a picture, say its class, and again: some ten of each. Then train a small network on them.")}
      </p>
      <form
        class="keys"
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <label>
          {t("Class")}{" "}
          <input
            type="text"
            size={12}
            list="gathered-classes"
            autoComplete="off"
            value={name.value}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
            }}
          />
        </label>
        <datalist id="gathered-classes">
          {gathered.value.map((each) => (
            <option key={each.name} value={each.name} />
          ))}
        </datalist>
        <button type="submit" disabled={!shown || chosen === ""}>
          {t("Keep this one")}
        </button>
        <button type="button" class="primary" disabled={missing.value !== ""} onClick={() => void trainOnGathered()}>
          {t("Train on them")}
        </button>
      </form>
      {gathered.value.length > 0 && (
        <ul class="gathered">
          {gathered.value.map((each) => (
            <li key={each.name}>
              <strong>{each.name}</strong>{" "}
              <span class="quiet">{plural(each.pictures.length, "{n} picture", "{n} pictures")}</span>
              <span class="row">
                {each.pictures.slice(-SHOWN).map((picture, k) => (
                  <Picture key={k} pixels={picture} height={SIDE} width={SIDE} label="" />
                ))}
              </span>
              <button type="button" class="plain" onClick={() => takeAway(each.name)}>
                {t("Take the last {name} away", { name: each.name })}
              </button>
            </li>
          ))}
        </ul>
      )}
      {gathered.value.length > 0 && missing.value !== "" && (
        <p class="quiet">{t("To train it takes {what}.", { what: missing.value })}</p>
      )}
    </section>
  );
}
