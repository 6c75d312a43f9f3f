// A form with a field for each column of a model: words as choices, an empty field for a missing value.
import { useId, useState } from "preact/hooks";
import type { ServedColumn, ServedInfo } from "./ask.ts";

export type RowFormProps = { readonly model: ServedInfo; readonly onRow: (row: object) => void };

export function RowForm({ model, onRow }: RowFormProps) {
  const [cells, setCells] = useState<Readonly<Record<string, string>>>({});
  const cellValue = ({ name, kind }: ServedColumn): unknown => {
    const text = (cells[name] ?? "").trim();
    if (text === "") return null;
    return kind === "number" && Number.isFinite(Number(text)) ? Number(text) : text;
  };
  return (
    <form
      class="row-form"
      onSubmit={(event) => {
        event.preventDefault();
        const values = model.columns.map(cellValue);
        onRow(model.named ? Object.fromEntries(model.columns.map(({ name }, j) => [name, values[j]])) : values);
      }}
    >
      <div class="row-fields">
        {model.columns.map((column) => (
          <Cell
            key={column.name}
            column={column}
            text={cells[column.name] ?? ""}
            onText={(text) => setCells((before) => ({ ...before, [column.name]: text }))}
          />
        ))}
      </div>
      <button type="submit" class="primary">
        Predict
      </button>
    </form>
  );
}

type CellProps = { readonly column: ServedColumn; readonly text: string; readonly onText: (text: string) => void };

function Cell({ column: { name, kind, levels }, text, onText }: CellProps) {
  const id = useId();
  const choices = kind === "boolean" ? ["true", "false"] : levels;
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {choices ? (
        <select id={id} value={text} onChange={(event) => onText(event.currentTarget.value)}>
          <option value="">missing</option>
          {choices.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type="text"
          inputMode={kind === "number" ? "decimal" : "text"}
          placeholder={kind === "date" ? "2026-11-28" : ""}
          autoComplete="off"
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
