// Labeled controls of a form: a choice, a typed number or text with its error below it, or a switch.
import { useId, useState } from "preact/hooks";
import { t } from "../language/words.ts";
import { localText, typedText } from "./numbers.ts";

type Labeled = { readonly label: string; readonly hint?: string | undefined };

export type ChoiceProps<T extends string> = Labeled & {
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly name: string; readonly disabled?: boolean }[];
  readonly onChoose: (value: T) => void;
};

export function ChoiceField<T extends string>({ label, hint, value, options, onChoose }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint && `${id}-hint`}
        onChange={(event) => onChoose(event.currentTarget.value as T)}
      >
        {options.map(({ value: each, name, disabled }) => (
          <option key={each} value={each} disabled={disabled}>
            {name}
          </option>
        ))}
      </select>
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

export type TypedProps<T extends string | number> = Labeled & {
  readonly value: T;
  readonly expected: string; //                           description of a valid value, for the error
  readonly read: (text: string) => T | undefined; //      undefined if invalid
  readonly onValue: (value: T) => void;
  readonly suggestions?: readonly T[];
};

export function TypedField<T extends string | number>(props: TypedProps<T>) {
  const { label, hint, value, expected, read, onValue, suggestions } = props;
  const id = useId();
  const [text, setText] = useState<string | null>(null); // while it is typed
  const numeric = typeof value === "number";
  const written = (each: T) => (numeric ? localText(String(each)) : String(each));
  const reading = (typed: string) => read(numeric ? typedText(typed) : typed);
  const shown = text ?? written(value);
  const wrong = text !== null && reading(text) === undefined;
  const note = wrong ? t("Expected {what}.", { what: expected }) : hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        spellcheck={false}
        value={shown}
        list={suggestions && `${id}-list`}
        aria-invalid={wrong}
        aria-describedby={note && `${id}-hint`}
        onInput={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          const found = reading(next);
          if (found !== undefined && found !== value) onValue(found);
        }}
        onBlur={() => setText(null)}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((each) => (
            <option key={each} value={written(each)} />
          ))}
        </datalist>
      )}
      {note && (
        <p id={`${id}-hint`} class={wrong ? "hint wrong" : "hint"}>
          {note}
        </p>
      )}
    </div>
  );
}

export type SwitchProps = Labeled & { readonly on: boolean; readonly onSwitch: (on: boolean) => void };

export function Switch({ label, hint, on, onSwitch }: SwitchProps) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => onSwitch(event.currentTarget.checked)} />
      <span>
        {label}
        {hint && <span class="hint">{hint}</span>}
      </span>
    </label>
  );
}
