// Where sessions open in a job of several ranks: on all of them. The command line sets it; elsewhere there is none,
// and nothing of ranks is loaded.
import type { Backend } from "../backend.ts";
import type { Session, Setup } from "../engine.ts";

/** Opens a session whose team are the threads of all ranks. */
export type SessionOpener = (backend: Backend, setup: Setup) => Promise<Session>;

let opener: SessionOpener | undefined;

/** From now on sessions open by `made`. */
export const openSessionsBy = (made: SessionOpener): void => {
  opener = made;
};

export const sessionOpener = (): SessionOpener | undefined => opener;
