// The Watch view: one example, the weights, the mistakes, the curves, and the norms of the next step.
import { NetworkPicture } from "../network/network-picture.tsx";
import { LossChart, RightChart } from "../train/training-curves.tsx";
import { Example } from "./example.tsx";
import { Mistakes } from "./mistakes.tsx";
import { NormTable } from "./norms.tsx";
import "./watch.css";
import { LayerWeights } from "./weights.tsx";

export function WatchView() {
  return (
    <div class="watch">
      <Example />
      <LayerWeights />
      <NetworkPicture />
      <Mistakes />
      <div class="course">
        <LossChart height={200} />
        <RightChart height={200} />
        <NormTable />
      </div>
    </div>
  );
}
