// The hash of the parameters and the taught steps in them, for the views that show these.
import { signal } from "@preact/signals";
import type { ParameterStatus } from "../lab/protocol.ts";
import { attempt, lab, opened } from "./store.ts";

export const parameterStatus = signal<ParameterStatus | null>(null);

export async function updateParameterStatus(): Promise<void> {
  if (opened.peek()) parameterStatus.value = (await attempt(() => lab.parameterStatus())) ?? null;
}
