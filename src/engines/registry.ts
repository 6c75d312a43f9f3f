// Which engines exist, in order of preference, and how `auto` picks one. Nothing falls back in silence.
import { EngineUnavailable, must } from "../errors.ts";
import type { Engine, KernelSource } from "./engine.ts";
import { referenceSource } from "./reference.ts";
import { LocalSession } from "./session.ts";
import { prepare } from "./setup.ts";
import { SOURCES } from "./sources.ts";

/** An engine on the calling thread. */
function engineOf(source: KernelSource): Engine {
  const { name } = source;
  return {
    name,
    missing: () => source.missing(),
    async open(setup) {
      refuseMissing(source);
      const prepared = prepare(source, setup, 1);
      const kernels = await source.kernels(prepared.store, prepared.memory, prepared.plan, { thread: 0, threads: 1 });
      return new LocalSession(name, prepared, setup, kernels);
    },
  };
}

/** Every engine, fastest first. The float64 reference is never picked by `auto`: its numbers are other numbers. */
export const ENGINES: readonly Engine[] = SOURCES.map(engineOf);

/** The engine of that name, or for "auto" the first that can run here. Raises InvalidInput or EngineUnavailable. */
export function chooseEngine(name: string): Engine {
  const wanted =
    name === "auto" ? (SOURCES.find((source) => source.missing() === undefined) ?? referenceSource) : undefined;
  const engine = ENGINES.find((candidate) => candidate.name === (wanted?.name ?? name));
  must(engine !== undefined, "engine", `auto or one of ${ENGINES.map((e) => e.name).join(", ")}`, name);
  refuseMissing(engine);
  return engine;
}

function refuseMissing({ name, missing }: Pick<Engine, "name" | "missing">): void {
  const reason = missing();
  if (reason !== undefined)
    throw new EngineUnavailable("ENGINE_UNAVAILABLE", `engine ${name} cannot run here: ${reason}`);
}
