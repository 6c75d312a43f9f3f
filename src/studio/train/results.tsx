// The run's results: current figures, curves, every epoch with its hash, and how to repeat the run elsewhere.
import { Copy } from "../parts/copy.tsx";
import { percentText, shortNumber, whole } from "../parts/numbers.ts";
import type { StudioSetup } from "../state/setup.ts";
import { epochs, opened, progress, setup } from "../state/store.ts";
import { commandOf } from "./command-line.ts";
import { AccuracyChart, LossChart } from "./training-curves.tsx";

export function Results() {
  return (
    <div class="results">
      <Figures />
      <div class="curves">
        <LossChart />
        <AccuracyChart />
      </div>
      <Epochs />
      <Repeat />
    </div>
  );
}

function Figures() {
  const at = progress.value;
  const last = epochs.value.at(-1);
  const seconds = epochs.value.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const figures: readonly (readonly [name: string, value: string])[] = [
    ["training loss", at?.loss == null ? "–" : shortNumber(at.loss)],
    ["test accuracy", last?.testAccuracy == null ? "–" : percentText(last.testAccuracy, 2)],
    ["examples a second", at?.examplesPerSecond == null ? "–" : whole(Math.round(at.examplesPerSecond / 100) * 100)],
    ["seconds in steps", seconds === 0 ? "–" : seconds.toFixed(1)],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Epochs() {
  const all = epochs.value;
  return (
    <section aria-labelledby="epochs">
      <h2 id="epochs">After each epoch</h2>
      {all.length === 0 ? (
        <p class="quiet">
          Nothing yet. Press Play: each epoch leaves its figures here, with the SHA-256 of every parameter. The same
          set-up gives the same bits in any browser and in Node.
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <section class="scroll" tabIndex={0} aria-label="Figures of each epoch">
          <table class="epochs">
            <thead>
              <tr>
                <th scope="col">Epoch</th>
                <th scope="col">Training loss</th>
                <th scope="col">Training acc.</th>
                <th scope="col">Test loss</th>
                <th scope="col">Test acc.</th>
                <th scope="col">Seconds</th>
                <th scope="col">SHA-256 of the parameters</th>
              </tr>
            </thead>
            <tbody>
              {all.toReversed().map((epoch) => (
                <tr key={epoch.epoch}>
                  <th scope="row">{epoch.epoch}</th>
                  <td>{epoch.trainLoss.toFixed(4)}</td>
                  <td>{percentText(epoch.trainAccuracy ?? Number.NaN, 2)}</td>
                  <td>{epoch.testLoss?.toFixed(4) ?? "–"}</td>
                  <td>{epoch.testAccuracy === null ? "–" : percentText(epoch.testAccuracy, 2)}</td>
                  <td>{epoch.seconds.toFixed(2)}</td>
                  <td class="hash" title={epoch.parametersSha256}>
                    <code data-sha256={epoch.parametersSha256}>{epoch.parametersSha256}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function Repeat() {
  const found = opened.value;
  if (!found) return null;
  const command = commandOf(setup.value, found.layers);
  return (
    <section class="repeat" aria-labelledby="repeat">
      <h2 id="repeat">The same run elsewhere</h2>
      <p class="quiet">{linkSays(setup.value)}</p>
      {command !== undefined && <Copy text={command} label="In a terminal" />}
    </section>
  );
}

function linkSays({ data, rows, randomLabels }: StudioSetup): string {
  if (data === "file")
    return "This page's address holds the whole set-up; with the same file dropped it is the same run.";
  const link = "This page's address holds the whole set-up: whoever opens the link gets the same run, seed and all.";
  return rows > 0 || randomLabels ? `${link} Its rows or labels are drawn by this page, so no command makes it.` : link;
}
