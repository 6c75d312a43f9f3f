// The hash of the parameters and the taught steps in them, for the views that show these.
import { effect, signal } from "@preact/signals";
import type { ParameterStatus } from "../lab/protocol.ts";
import { Looker } from "./attention.ts";
import { attempt, lab, opened, tick } from "./store.ts";
import { whetherItWentOn } from "./went-on.ts";

export const parameterStatus = signal<ParameterStatus | null>(null);

export async function updateParameterStatus(): Promise<void> {
  if (opened.peek()) parameterStatus.value = (await attempt(() => lab.parameterStatus())) ?? null;
}

const part = new Looker();

/** Keep it that of the run's parameters; gives how to stop. */
export function followParameterStatus(): () => void {
  const wentOn = whetherItWentOn(tick);
  const stop = effect(() => {
    const look = async () => {
      const found = opened.peek() ? await attempt(() => lab.parameterStatus()) : undefined;
      return () => {
        parameterStatus.value = found ?? null;
      };
    };
    part.look(look, !wentOn());
  });
  return () => {
    stop();
    part.leave();
  };
}
