// Ten thousand short epochs in the page, beside the command line on the same run.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { readAddress } from "../../../src/studio/state/setup.ts";
import { commandOf } from "../../../src/studio/train/command-line.ts";

const ADDRESS = "data=spiral&hidden=8,8,8,8&activation=tanh&optimizer=adam&learningRate=0.01&epochs=10000";
const START = fileURLToPath(new URL("../../../scripts/start.mjs", import.meta.url));

/** Seconds of both, and the page's frames a second meanwhile. Raises where they do not end with the same bits. */
export type ShortEpochs = { readonly page: number; readonly command: number; readonly frames: number };

export async function shortEpochs(url: string, page: Page): Promise<ShortEpochs> {
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-speed-"));
  try {
    const begun = performance.now();
    const [, , ...words] = commandOf(readAddress(`#${ADDRESS}`).setup, [])!.split(" ");
    const args = [START, ...words, "--json", "--out", join(folder, "run")];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 28 });
    const command = (performance.now() - begun) / 1000;
    await page.goto(`${url}#${ADDRESS}`);
    await page.locator("button.play:enabled").waitFor();
    const { seconds, frames } = await page.evaluate(
      () =>
        new Promise<{ seconds: number; frames: number }>((done) => {
          const pressed = performance.now();
          let frames = 0;
          document.querySelector<HTMLElement>("button.play")!.click();
          const frame = () => {
            frames++;
            const seconds = (performance.now() - pressed) / 1000;
            const status = document.querySelector(".transport [role=status]")?.textContent;
            if (status === "The run has ended") done({ seconds, frames: frames / seconds });
            else requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
        }),
    );
    const ended = await page.locator("[data-sha256]").first().getAttribute("data-sha256");
    if (!stdout.includes(ended!)) throw new Error(`the page ended with ${ended}, the command with ${stdout}`);
    return { page: seconds, command, frames };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
