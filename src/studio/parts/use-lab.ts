// A view's repeated call of the lab: while the run plays in turn with the page's other parts, else at once; the last
// result is kept until a newer one.
import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Look, Looker } from "../state/attention.ts";
import { evaluation, opened, tick } from "../state/store.ts";
import { whetherItWentOn } from "../state/went-on.ts";
import type { Sight } from "./sight.ts";

const CLOCKS = { parameters: tick, evaluation } as const;

type LookOptions = {
  /** What, beside the signals that `prepare` reads, has the part look again. Default: the parameters. */
  readonly dependsOn?: "parameters" | "evaluation" | "data";
  /** Of the part: out of sight it looks again when the run pauses. */
  readonly sight?: Sight;
};

/**
 * The newest result, null before the first. `prepare` reads the signals that the call depends on, and returns the call
 * or null for none. It runs when they change and, if the result depends on parameters, whenever these have.
 */
export function useLab<T>(
  prepare: () => (() => Promise<T>) | null,
  { dependsOn = "parameters", sight }: LookOptions = {},
): ReadonlySignal<T | null> {
  const result = useSignal<T | null>(null);
  const part = useRef<Looker>(null);
  part.current ??= new Looker();
  const wentOn = useRef<() => boolean>(null);
  wentOn.current ??= dependsOn === "data" ? () => false : whetherItWentOn(CLOCKS[dependsOn]);
  const missed = useRef<Look | null>(null); // while it was out of sight
  useEffect(() => () => part.current!.leave(), []);
  useSignalEffect(() => {
    const follows = wentOn.current!();
    const call = opened.value ? prepare() : null;
    missed.current = null;
    if (!call) return part.current!.leave();
    const look: Look = async () => {
      const value = await call().catch(() => null); // another set-up was opened meanwhile, and calls again
      return () => {
        result.value = value;
      };
    };
    if (follows && sight?.seen.peek() === false) {
      missed.current = look;
      part.current!.leave();
    } else part.current!.look(look, !follows);
  });
  useSignalEffect(() => {
    const look = missed.current;
    if (!sight?.seen.value || !look) return;
    missed.current = null;
    part.current!.look(look, true);
  });
  return result;
}
