// The lab: a run that the page plays, pauses, steps and looks into. It lives in a worker of its own.
import { drawDigits } from "../../data/digits.ts";
import { defineNetwork, parameterCount } from "../../network/network.ts";
import type { StudioSetup } from "../state/setup.ts";
import type { GivenFile, LabApi, LabEvent, Opened } from "./protocol.ts";

export class Lab implements Pick<LabApi, "open"> {
  readonly tell: (event: LabEvent) => void;

  constructor(tell: (event: LabEvent) => void) {
    this.tell = tell;
  }

  async open(setup: StudioSetup, _files: readonly GivenFile[]): Promise<Opened> {
    const { name, train, test, warnings } = await drawDigits({ seed: setup.seed });
    const layers = [train.cols, ...setup.hidden, train.classes.length];
    return {
      ...{ name, warnings, layers, classes: train.classes, cols: train.cols, image: train.image ?? null },
      rows: { train: train.rows, test: test?.rows ?? 0 },
      parameters: parameterCount(defineNetwork(layers, setup.activation)),
      stepsPerEpoch: Math.ceil(train.rows / setup.batchSize),
      ...{ engine: "wasm", threads: 1, isolated: crossOriginIsolated, resumed: false },
      progress: { playing: false, ended: false, epoch: 1, step: 0, steps: 0, loss: null, examplesPerSecond: null },
    };
  }
}
