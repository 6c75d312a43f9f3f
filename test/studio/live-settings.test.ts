// Settings that a run takes while it plays, and what the visitor does meanwhile.
import { expect, test } from "vitest";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { labToPlay } from "./lab-run.ts";

const SMALL = { ...DEFAULT_SETUP, hidden: [4], rows: 100, epochs: 100_000 };

test("a run that plays goes on with other settings, and one that is paused meanwhile stays paused", async () => {
  const { lab, told } = labToPlay();
  await lab.open(SMALL);
  await lab.play();
  told.length = 0;
  expect((await lab.change({ learningRate: 0.02 })).progress.playing).toBe(true);
  const playing = told.map((event) => event.event === "progress" && event.progress.playing);
  expect(new Set(playing)).toEqual(new Set([true])); // else Pause would be Play for a moment, and a click the opposite
  const changing = lab.change({ learningRate: 0.03 });
  await lab.pause();
  expect((await changing).progress.playing).toBe(false);
  expect((await lab.change({ learningRate: 0.04 })).progress.playing).toBe(false);
  const going = lab.change({ learningRate: 0.05 });
  await lab.play();
  expect((await going).progress.playing).toBe(true);
});

test("without a run there are no settings to change, which is said", async () => {
  await expect(labToPlay().lab.change({ learningRate: 0.02 })).rejects.toThrow("no run is open: choose data first");
});
