// The page: which model, its form, its answer, and what else the server answers.
import { useEffect, useId, useState } from "preact/hooks";
import { ChoiceField } from "../parts/field.tsx";
import { askModels, askOperations, askPredict, type Operation, type Said, type ServedInfo, token } from "./ask.ts";
import { PictureAsk } from "./picture-ask.tsx";
import { RowForm } from "./row-form.tsx";
import { SaidView } from "./said-view.tsx";

const MOST_FIELDS = 200; // of a form

export function ServeView() {
  const [models, setModels] = useState<readonly ServedInfo[]>([]);
  const [operations, setOperations] = useState<readonly Operation[]>([]);
  const [name, setName] = useState("");
  const [said, setSaid] = useState<Said | null>(null);
  const [wrong, setWrong] = useState("");
  const [locked, setLocked] = useState(false);
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
      setWrong("");
      setLocked(false);
    } catch (error) {
      setSaid(null);
      setLocked((error as { status?: number }).status === 401);
      setWrong((error as Error).message);
    }
  };
  const open = () =>
    attempt(async () => {
      const found = await askModels();
      setModels(found);
      setName((before) => before || (found[0]?.name ?? ""));
      setOperations(await askOperations());
    });
  useEffect(() => void open(), []);
  const model = models.find((each) => each.name === name);
  const predict = (body: object | Blob) => attempt(async () => setSaid(await askPredict(name, body)));
  return (
    <main>
      <h1>Ask a model</h1>
      {locked && <TokenForm onToken={open} />}
      {models.length > 1 && (
        <ChoiceField
          label="Model"
          value={name}
          options={models.map((each) => ({ value: each.name, name: each.name }))}
          onChoose={(next) => {
            setName(next);
            setSaid(null);
          }}
        />
      )}
      {model && (
        <p class="about">
          <strong>{model.name}</strong>, version {model.version}
          {model.trainedOn && `, trained on ${model.trainedOn}`}: {model.columns.length} columns, {model.classes.length}{" "}
          {model.answers}.
        </p>
      )}
      {model?.picture && <PictureAsk key={name} model={model} onPicture={predict} />}
      {model && !model.picture && model.columns.length <= MOST_FIELDS && (
        <RowForm key={name} model={model} onRow={predict} />
      )}
      {model && !model.picture && model.columns.length > MOST_FIELDS && (
        <p>Too many columns for a form: send rows to POST /predict/{name}.</p>
      )}
      <div class="answer" role="status">
        {wrong !== "" && <p class="hint wrong">{wrong}</p>}
        {said && model && <SaidView said={said} names={model.classes} />}
      </div>
      {operations.length > 0 && <Operations operations={operations} />}
    </main>
  );
}

function TokenForm({ onToken }: { readonly onToken: () => void }) {
  const id = useId();
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        onToken();
      }}
    >
      <div class="field">
        <label for={id}>Token</label>
        <input
          id={id}
          type="password"
          autoComplete="off"
          onInput={(event) => {
            token.value = event.currentTarget.value.trim();
          }}
        />
      </div>
      <button type="submit">Open</button>
    </form>
  );
}

function Operations({ operations }: { readonly operations: readonly Operation[] }) {
  return (
    <section aria-labelledby="operations">
      <h2 id="operations">What this server answers</h2>
      <p>
        As an OpenAPI document: <a href="openapi.json">openapi.json</a>.
      </p>
      <section
        class="scrolled"
        aria-label="Paths"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
        tabIndex={0}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Method</th>
              <th scope="col">Path</th>
              <th scope="col">Answer</th>
            </tr>
          </thead>
          <tbody>
            {operations.map(({ method, path, summary }) => (
              <tr key={method + path}>
                <td>{method}</td>
                <td>
                  <code>{path}</code>
                </td>
                <td>{summary}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
