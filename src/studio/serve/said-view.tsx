// An answer: the class or the labels with their probabilities, or the numbers.
import { Bars } from "../parts/bars.tsx";
import type { Said } from "./ask.ts";

type SaidViewProps = {
  readonly said: Said;
  /** Of classes, labels or targets, in the order of the model. */
  readonly names: readonly string[];
};

export function SaidView({ said, names }: SaidViewProps) {
  const { class: chosen, labels = [], probabilities, values, notes = [] } = said;
  const odd = notes.map((note) => (
    <p key={note} class="hint">
      The picture: {note}
    </p>
  ));
  if (values !== undefined)
    return (
      <>
        <Numbers said={said} names={names} />
        {odd}
      </>
    );
  const title = chosen ?? (labels.length > 0 ? labels.join(", ") : "no label");
  return (
    <>
      <h2>{title}</h2>
      {odd}
      <Bars
        names={names}
        values={names.map((name) => probabilities![name]!)}
        picked={chosen === undefined ? -1 : names.indexOf(chosen)}
        label={chosen === undefined ? "Probability that each label is there" : "Probability of each class"}
      />
    </>
  );
}

const short = (x: number) => String(Number(x.toPrecision(6)));

function Numbers({ said: { values, quantiles, deviations }, names }: SaidViewProps) {
  const spread = (name: string) =>
    deviations
      ? ` ± ${short(deviations[name]!)}`
      : quantiles
        ? ` (${Object.entries(quantiles[name]!)
            .map(([level, x]) => `${level}: ${short(x)}`)
            .join(", ")})`
        : "";
  return (
    <dl>
      {names.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{short(values![name]!)}</strong>
            {spread(name)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
