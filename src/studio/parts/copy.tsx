// A text in a field, with a button that copies it.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../language/words.ts";

export type CopyProps = { readonly text: string; readonly label: string };

export function Copy({ text, label }: CopyProps) {
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal("");
  return (
    <div class="copy">
      <label>
        <span>{label}</span>
        <input ref={field} class="mono" readOnly value={text} onFocus={({ currentTarget }) => currentTarget.select()} />
      </label>
      <button
        type="button"
        aria-label={t("Copy: {what}", { what: label })}
        onClick={async () => {
          try {
            await navigator.clipboard.writeText(text);
            copied.value = text;
          } catch {
            field.current?.select(); // the browser refuses: the text is selected, to be copied by key
          }
        }}
      >
        {t(copied.value === text ? "Copied" : "Copy")}
      </button>
      <p class="on-paper">
        {label}: <code>{text}</code>
      </p>
    </div>
  );
}
