// What was found in a visitor's file, column by column, and other ways to read it, before training: which column is the
// label, what each one is, what becomes of holes, the size of pictures. The same for a table that was refused.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { KIND_WORDS } from "../../data/column-uses.ts";
import { COLORS, FITS } from "../../data/pictures/picture-form.ts";
import { canBeRanked, readRanks } from "../../data/table/rank-levels.ts";
import { MISSING_CHOICES, type MissingChoice, TASKS, type Task } from "../../data/table/table-options.ts";
import type { FoundColumn } from "../lab/protocol.ts";
import { known, type PlainText, plural, t } from "../language/words.ts";
import { ChoiceField, Switch, TypedField } from "../parts/field.tsx";
import { whole } from "../parts/numbers.ts";
import {
  type ColumnUse,
  columnKey,
  pictureSize,
  type ReadingChoices,
  rankedLevels,
  useOf,
  withUse,
} from "../state/reading.ts";
import { LEARNED_AS_USUAL } from "../state/setup.ts";
import { opened } from "../state/store.ts";
import { choose, draft, loading, openFiles, refused } from "./draft.ts";

export function FoundInFile() {
  if (refused.value) return <OfRefused {...refused.value} />;
  const found = opened.value;
  if (found?.setup.data !== "file" || (!found.table && !found.picture)) return null;
  return (
    <Panel title={t("What was found in {name}", { name: found.file ?? found.name })}>
      {found.table && <Columns columns={found.table} choices={draft.value} onChoose={chooseReading} />}
      {found.picture && <Pictures />}
    </Panel>
  );
}

/** With other labels, or another thing to learn of them, what is minimized is what is usual. */
function chooseReading(next: ReadingChoices): void {
  const { label, task } = draft.value;
  choose(next.label === label && next.task === task ? next : { ...next, ...LEARNED_AS_USUAL });
}

function Panel({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const panel = useRef<HTMLElement>(null);
  const wrong = refused.value?.files;
  useEffect(() => {
    if (wrong) panel.current?.focus(); // elsewhere on the page nothing tells that there is a way on
  }, [wrong]);
  return (
    <section ref={panel} id="found" class="found" tabIndex={-1} aria-labelledby="found-title">
      <h2 id="found-title">{title}</h2>
      {children}
    </section>
  );
}

/** What is in a table that could not be opened: with other choices perhaps it can. */
function OfRefused({ files, columns, choices }: NonNullable<typeof refused.value>) {
  const set = (next: ReadingChoices) => {
    refused.value = { files, columns, choices: next };
  };
  return (
    <Panel title={t("What is in {name}, which was not opened", { name: files[0]!.name })}>
      <Columns columns={columns} choices={choices} onChoose={set} />
      <p class="keys">
        <button type="button" class="primary" disabled={loading.value} onClick={() => void openFiles(files, choices)}>
          {t("Open it so")}
        </button>
        <button
          type="button"
          onClick={() => {
            refused.value = null;
            document.getElementById("main")?.focus();
          }}
        >
          {t("Leave it")}
        </button>
      </p>
    </Panel>
  );
}

const SHOWN = 60; // columns: more are not chosen one by one

const USES: Readonly<Record<Exclude<ColumnUse, "">, PlainText>> = {
  label: "the label",
  "label too": "a label, too",
  number: "a number",
  category: "a category",
  ranks: "ranks",
  "left out": "left out",
  weight: "weight of rows",
  group: "group of rows",
  time: "time of rows",
};

type ColumnsProps = {
  readonly columns: readonly FoundColumn[];
  readonly choices: ReadingChoices;
  readonly onChoose: (choices: ReadingChoices) => void;
};

const TASK_WORDS: Readonly<Record<Task, PlainText>> = {
  classify: "one class",
  regress: "numbers",
  multilabel: "labels, there or not",
};

function Columns({ columns, choices, onChoose }: ColumnsProps) {
  const labels = columns.filter(({ role }) => role === "label").map(columnKey);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="scroll" tabIndex={0} aria-label={t("Columns")}>
        <table class="columns">
          <thead>
            <tr>
              <th scope="col">{t("Column")}</th>
              <th scope="col">{t("Kind")}</th>
              <th scope="col">{t("Missing")}</th>
              <th scope="col">{t("Distinct")}</th>
              <th scope="col">{t("Example")}</th>
              <th scope="col">{t("What is done with it")}</th>
              <th scope="col">{t("Take it as")}</th>
            </tr>
          </thead>
          <tbody>
            {columns.slice(0, SHOWN).map((column) => (
              <ColumnRow
                key={column.position}
                column={column}
                use={useOf(choices, columnKey(column))}
                onUse={(use) => onChoose(withUse(choices, columnKey(column), use, column.levels, labels))}
              />
            ))}
          </tbody>
        </table>
      </section>
      {columns.length > SHOWN && (
        <p class="quiet">
          {plural(
            columns.length - SHOWN,
            "And {n} column more, as it is found.",
            "And {n} columns more, as they are found.",
          )}
        </p>
      )}
      <div class="found-fields">
        {columns.map((column) => (
          <Ranks key={column.position} column={column} choices={choices} onChoose={onChoose} />
        ))}
        <ChoiceField
          label={t("What is learned")}
          hint={choices.task === "" ? t("found by the values of the label") : undefined}
          value={choices.task}
          options={[{ value: "", name: foundTask() }, ...TASKS.map((value) => ({ value, name: t(TASK_WORDS[value]) }))]}
          onChoose={(task) => onChoose({ ...choices, task })}
        />
        <ChoiceField
          label={t("Missing values")}
          value={choices.missing}
          options={MISSING_CHOICES.map((value) => ({ value, name: t(HOLES[value]) }))}
          onChoose={(missing) => onChoose({ ...choices, missing })}
        />
      </div>
    </>
  );
}

/** Of the open table, where nobody said another. */
function foundTask(): string {
  const found = opened.value;
  return found && !refused.value && found.setup.task === ""
    ? t("as found: {said}", { said: t(TASK_WORDS[found.task]) })
    : t("as found");
}

/** The order of the levels of a column of ranks. */
function Ranks({ column, choices, onChoose }: Omit<ColumnsProps, "columns"> & { readonly column: FoundColumn }) {
  const key = columnKey(column);
  const levels = rankedLevels(choices, key);
  if (levels === undefined) return null;
  return (
    <TypedField
      label={t("Ranks of {name}", { name: column.name })}
      hint={t("from least to most")}
      expected={t("levels from least to most with < between, such as S<M<L")}
      value={levels}
      read={(text) => (readRanks([`${key}=${text}`]) && !text.includes(",") ? text : undefined)}
      onValue={(text) => onChoose(withUse(choices, key, "ranks", text.split("<")))}
    />
  );
}

const HOLES: Readonly<Record<MissingChoice, PlainText>> = {
  fill: "filled: the median, or a level of their own",
  refuse: "refused",
  drop: "their rows are left out",
};

function ColumnRow({
  column,
  use,
  onUse,
}: {
  readonly column: FoundColumn;
  readonly use: ColumnUse;
  readonly onUse: (use: ColumnUse) => void;
}) {
  const { name, kind, missing, distinct, more, example, why, problem, use: done, levels = [] } = column;
  const ranked = use === "ranks" || canBeRanked(columnKey(column), levels);
  const uses = (Object.entries(USES) as [ColumnUse, PlainText][]).filter(([value]) => value !== "ranks" || ranked);
  return (
    <tr class={problem ? "odd" : undefined}>
      <th scope="row" title={name}>
        {name}
      </th>
      <td>{known(KIND_WORDS[kind])}</td>
      <td class="figure">{whole(missing)}</td>
      <td class="figure">
        {whole(distinct)}
        {more && "+"}
      </td>
      <td class="example" title={example}>
        {example}
      </td>
      <td>
        <span lang="en">{problem || done}</span>
        {problem && ` ${t("Take it as a category, or leave it out.")}`}
        {why && why !== "as told" && !problem && (
          <span class="quiet" lang="en">
            : {why}
          </span>
        )}
      </td>
      <td>
        <select
          aria-label={t("Take {name} as", { name })}
          value={use}
          onChange={({ currentTarget }) => onUse(currentTarget.value as ColumnUse)}
        >
          <option value="">{t("as it is found")}</option>
          {uses.map(([value, text]) => (
            <option key={value} value={value}>
              {t(text)}
            </option>
          ))}
        </select>
      </td>
    </tr>
  );
}

function Pictures() {
  const { size, color, fit, invert } = draft.value;
  const { picture, image } = opened.value!;
  const { width, height } = picture!;
  const sides = { width, height };
  const said = image ? `${width} × ${height}` : t("{width} × {height} in color", sides);
  return (
    <div class="found-fields">
      <TypedField
        label={t("Size of pictures")}
        hint={size === "" ? t("as found: {said}", { said }) : t("now {said}", { said })}
        expected={t("a width and a height such as 28x28, or nothing")}
        value={size}
        read={(text) => (text.trim() === "" ? "" : pictureSize(text) && text.replaceAll(/\s/g, "").replace("×", "x"))}
        onValue={(value) => choose({ size: value })}
        suggestions={["28x28", "32x32", "64x64"]}
      />
      <ChoiceField
        label={t("Colors")}
        value={color}
        options={[{ value: "", name: t("as found") }, ...COLORS.map((value) => ({ value, name: value }))]}
        onChoose={(value) => choose({ color: value })}
      />
      <ChoiceField
        label={t("Other proportions")}
        value={fit}
        options={[{ value: "", name: t("as found (pad)") }, ...FITS.map((value) => ({ value, name: value }))]}
        onChoose={(value) => choose({ fit: value })}
      />
      <Switch label={t("Exchange dark and light")} on={invert} onSwitch={(on) => choose({ invert: on })} />
    </div>
  );
}
