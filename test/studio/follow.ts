// Set-ups played in Node as the page plays them: the lab itself, without its worker.
import { Lab } from "../../src/studio/lab/lab.ts";
import type { EpochPoint, Failure, LabEvent } from "../../src/studio/lab/protocol.ts";
import type { StudioSetup } from "../../src/studio/state/setup.ts";
import { memoryStore } from "./memory-store.ts";

export type Followed = {
  readonly epochs: readonly EpochPoint[];
  readonly curve: readonly number[]; // its losses
  readonly failure: Failure | undefined;
};

/** One lab; `follow` opens a set-up in it and plays at most so many epochs, or until it fails. */
export function followingLab(): { lab: Lab; follow(setup: StudioSetup, epochs: number): Promise<Followed> } {
  let onEvent: (event: LabEvent) => void = () => {};
  const lab = new Lab({
    base: "http://127.0.0.1/",
    store: memoryStore(),
    versions: {},
    emit: (event) => onEvent(event),
  });
  return {
    lab,
    async follow(setup, most) {
      const epochs: EpochPoint[] = [];
      let curve: readonly number[] = [];
      await lab.open({ ...setup, epochs: Math.min(most, setup.epochs) });
      const failure = await new Promise<Failure | undefined>((resolve) => {
        onEvent = (event) => {
          if (event.event === "failed") resolve(event.failure);
          else {
            epochs.push(...event.epochs);
            if (event.points) curve = event.points.map(({ loss }) => loss);
            if (event.progress.ended && !event.progress.playing) resolve(undefined);
          }
        };
        void lab.play();
      });
      return { epochs, curve, failure };
    },
  };
}
