// A table of every epoch's figures and parameter hash.
import type { EpochRecord } from "../../training/training-result.ts";
import { percentText, shortNumber, whole } from "../parts/numbers.ts";
import { Scroll } from "./scroll.tsx";

type EpochTableProps = { readonly epochs: readonly EpochRecord[]; readonly keptEpoch: number | null };

export function EpochTable({ epochs, keptEpoch }: EpochTableProps) {
  const classified = epochs.some((epoch) => epoch.trainAccuracy !== null);
  const validated = epochs.some((epoch) => epoch.validationLoss !== null);
  return (
    <details>
      <summary>Every epoch as numbers, with the hash of its parameters</summary>
      <Scroll label="Every epoch">
        <table>
          <thead>
            <tr>
              <th scope="col">epoch</th>
              <th scope="col">steps</th>
              <th scope="col">rate</th>
              <th scope="col">loss</th>
              {classified && <th scope="col">accuracy</th>}
              {validated && <th scope="col">validation loss</th>}
              {validated && classified && <th scope="col">validation accuracy</th>}
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {epochs.map((epoch) => (
              <tr key={epoch.epoch} class={epoch.epoch === keptEpoch ? "kept" : undefined}>
                <th scope="row">
                  {epoch.epoch}
                  {epoch.epoch === keptEpoch ? ", kept" : ""}
                </th>
                <td>{whole(epoch.steps)}</td>
                <td>{shortNumber(epoch.learningRate)}</td>
                <td>{epoch.trainLoss === null ? "–" : shortNumber(epoch.trainLoss, 4)}</td>
                {classified && <td>{percentText(epoch.trainAccuracy ?? Number.NaN, 2)}</td>}
                {validated && <td>{epoch.validationLoss === null ? "" : shortNumber(epoch.validationLoss, 4)}</td>}
                {validated && classified && (
                  <td>{epoch.validationAccuracy === null ? "" : percentText(epoch.validationAccuracy, 2)}</td>
                )}
                <td>
                  <code>{epoch.parametersSha256}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
