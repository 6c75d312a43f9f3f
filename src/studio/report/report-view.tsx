// The report, top to bottom: figures, curves, test results, what δ tells of the rows, weights, configuration, hashes
// and commands.
import type { ComponentChildren } from "preact";
import type { ReportData, ReportLine } from "../../files/report-page.ts";
import { EpochTable } from "./epoch-table.tsx";
import { Curves } from "./report-curves.tsx";
import { Tested } from "./tested.tsx";
import { Told } from "./told.tsx";
import { WeightPictures } from "./weight-pictures.tsx";

export function Report({ data }: { readonly data: ReportData }) {
  return (
    <>
      <header>
        <p class="kind">Deltaprop report</p>
        <h1>{data.run}</h1>
        <p class="summary">{data.summary}</p>
        <dl class="figures">
          {data.figures.map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </header>
      <main>
        <Section id="curves" title="Curves">
          <Curves epochs={data.epochs} />
          <EpochTable epochs={data.epochs} keptEpoch={data.keptEpoch} />
        </Section>
        <Section id="test" title="On rows it never saw">
          <Tested data={data} />
        </Section>
        {data.insights && (
          <Section id="told" title="What δ tells of them">
            <Told told={data.insights} classes={data.classes} image={data.image} />
          </Section>
        )}
        <Section id="weights" title="Weights">
          <WeightPictures data={data} />
        </Section>
        <Section id="configuration" title="Configuration">
          <Lines lines={data.configuration} />
        </Section>
        <Section id="repeat" title="Hashes, and how to repeat it">
          <Lines lines={data.hashes} wide />
          {data.commands.map(([name, text]) => (
            <figure class="command" key={name}>
              <figcaption>{name}</figcaption>
              <pre>
                <code>{text}</code>
              </pre>
            </figure>
          ))}
        </Section>
      </main>
    </>
  );
}

function Section(props: { readonly id: string; readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section aria-labelledby={props.id}>
      <h2 id={props.id}>{props.title}</h2>
      {props.children}
    </section>
  );
}

function Lines({ lines, wide = false }: { readonly lines: readonly ReportLine[]; readonly wide?: boolean }) {
  return (
    <dl class={wide ? "lines wide" : "lines"}>
      {lines.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
