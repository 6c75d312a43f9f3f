// The switch of the page's language, at its foot.
import { chooseLanguage, language } from "./choice.ts";
import { LANGUAGES, type Language } from "./languages.ts";
import { t } from "./words.ts";

export function LanguageSwitch() {
  return (
    <label class="language">
      {t("Language")}{" "}
      <select
        value={language.value}
        onChange={({ currentTarget }) => void chooseLanguage(currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([name, own]) => (
          <option key={name} value={name} lang={name}>
            {own}
          </option>
        ))}
      </select>
    </label>
  );
}
