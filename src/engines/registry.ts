// Which engines exist, in order of preference, and how `auto` picks one. Nothing falls back in silence.
import { EngineUnavailable, must } from "../errors.ts";
import { stepFlops } from "../network/network.ts";
import type { Backend } from "./backend.ts";
import { BACKENDS } from "./backends.ts";
import type { Engine, Setup } from "./engine.ts";
import { LocalSession } from "./local-session.ts";
import { PagedSession, windowOf, windowSetup } from "./paged-session.ts";
import { openPool } from "./pool.ts";
import { checkSetup, countRows, preparing } from "./prepare.ts";
import { sessionOpener } from "./ranks/open-session.ts";
import { referenceBackend } from "./reference-backend.ts";
import type { TeamSession } from "./session.ts";
import { inTurns } from "./turns.ts";
import { warnOnce } from "./warning.ts";
import { wasmBackend } from "./wasm/wasm-backend.ts";
import { canShare, processors } from "./worker-host.ts";

// floating-point operations a session must expect before starting workers pays: some 10 ms of one thread
const WORTH_A_TEAM = 5e8;
const WORTH_A_BARRIER = 1e6; // and in one step, where a barrier costs a few microseconds

/** Threads for a setup that names none. Where memory cannot be shared there is one, and the session says so. */
export function chooseThreads(setup: Setup): number {
  const { network, batchSize, capacity, threads } = setup;
  if (!canShare()) return 1;
  if (threads !== undefined) return threads;
  const step = stepFlops(network, batchSize);
  const steps = (capacity ?? countRows(setup)) / batchSize;
  return step < WORTH_A_BARRIER || step * steps < WORTH_A_TEAM ? 1 : Math.min(processors(), Math.ceil(batchSize / 4));
}

/** A backend as an engine: sessions on the calling thread, or on a pool of workers. */
export function engineOf(backend: Backend): Engine {
  const { name, floatBytes } = backend;
  return {
    name,
    floatBytes,
    missing: () => backend.missing(),
    about: () => backend.about(),
    tables: backend.tables,
    async open(setup) {
      must(typeof setup === "object" && setup !== null, "setup", "a network, its batch size and features", setup);
      refuseMissing(backend);
      const openOnRanks = sessionOpener();
      if (openOnRanks) return openOnRanks(backend, setup);
      const threads = chooseThreads(setup);
      const window = windowOf(setup);
      if (window === undefined) return openTeam(backend, setup, threads);
      checkSetup(setup);
      return new PagedSession(await openTeam(backend, windowSetup(setup, window), threads), setup, window);
    },
  };
}

async function openTeam(backend: Backend, setup: Setup, threads: number): Promise<TeamSession> {
  if (threads > 1 || (setup.aside && canShare())) return openPool(backend, setup, threads);
  const prepared = await inTurns(preparing(backend, setup, 1, false));
  const kernels = await backend.kernels(prepared.store, prepared.memory, prepared.plan, { thread: 0, threads: 1 });
  return new LocalSession(backend.name, prepared, setup, kernels);
}

/** Every engine, fastest first. The float64 reference is never picked by `auto`: its results differ. */
export const ENGINES: readonly Engine[] = BACKENDS.map(engineOf);

/** The engine of that name, or for "auto" the first that can run here. Raises InvalidInput or EngineUnavailable. */
export function chooseEngine(name: string): Engine {
  const wanted =
    name === "auto" ? (BACKENDS.find((backend) => backend.missing() === undefined) ?? referenceBackend) : undefined;
  const engine = ENGINES.find((candidate) => candidate.name === (wanted?.name ?? name));
  must(engine !== undefined, "engine", `auto or one of ${ENGINES.map((e) => e.name).join(", ")}`, name);
  refuseMissing(engine);
  if (wanted === referenceBackend)
    warnOnce("reference", `engine "auto" is the slow reference here: wasm cannot run, since ${wasmBackend.missing()}.`);
  return engine;
}

function refuseMissing({ name, missing }: Pick<Engine, "name" | "missing">): void {
  const reason = missing();
  if (reason !== undefined)
    throw new EngineUnavailable("ENGINE_UNAVAILABLE", `engine ${name} cannot run here: ${reason}`);
}
