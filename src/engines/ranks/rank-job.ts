// The main thread of a rank: it joins the job, compares what the ranks are about to do, opens sessions on all of them
// (rank 0) or follows (the others), and leaves. Node only.
import { DeltapropError, EnvironmentFailure, InvalidInput, printable } from "../../errors.ts";
import type { Backend } from "../backend.ts";
import { BACKENDS } from "../backends.ts";
import type { RankExchange, Session, Setup } from "../engine.ts";
import type { PoolRanks } from "../pool.ts";
import { allocateSession, preparing, requestOf } from "../prepare.ts";
import { chooseEngine } from "../registry.ts";
import { inTurns } from "../turns.ts";
import { warnOnce } from "../warning.ts";
import { exchangeOf } from "./exchanged.ts";
import { type Launch, MPI_NAMES } from "./launcher.ts";
import { Lead } from "./lead.ts";
import { type Mpi, needMpi } from "./mpi-addon.ts";
import { type Command, type Opening, packCommand, unpackCommand } from "./rank-commands.ts";
import { FollowingSession, LeadingSession } from "./rank-session.ts";
import { OPENING_S } from "./time-limits.ts";

/** What each rank tells the others of itself. */
export type Hello = {
  readonly version: string;
  /** What was asked for, without what may differ from rank to rank. */
  readonly asked: string;
  readonly host: string;
  readonly engine: string;
  readonly threads: number;
};

const LAST_S = 3; // from a failure to the end of the process, whatever hangs
const WORDS = 160; // characters of a request in a message

export class RankJob {
  readonly rank: number;
  readonly hellos: readonly Hello[];
  readonly #mpi: Mpi;
  readonly #lead: Lead;
  #failed = false;
  #open = false; // a session

  private constructor(mpi: Mpi, lead: Lead, rank: number, hellos: readonly Hello[]) {
    this.#mpi = mpi;
    this.#lead = lead;
    this.rank = rank;
    this.hellos = hellos;
  }

  /**
   * Join the job of `launch`. `lost`: told of a failure that no call waits for. Raises EnvironmentFailure where there
   * is no MPI, InvalidInput where the launcher is another MPI's.
   */
  static async join(launch: Launch, hello: Hello, lost: (error: EnvironmentFailure) => void): Promise<RankJob> {
    const mpi = needMpi(launch.mpi);
    let job: RankJob | undefined;
    const lead = new Lead((error) => {
      job?.fail(error);
      lost(error);
    });
    mpi.arm(3, 2 * OPENING_S, "error RANK_LOST not all ranks of the job came to join it.\n");
    const text = JSON.stringify(hello);
    const message = { kind: "hello", mpi: launch.mpi, stop: lead.stopWord, size: launch.size, text } as const;
    const { rank, size, texts } = await lead.ask<"joined">(message);
    mpi.arm(3, 0, "");
    if (size !== launch.size) throw wrongLauncher(launch, size);
    job = new RankJob(mpi, lead, rank, texts.map(helloOf));
    return job;
  }

  /** Raises InvalidInput, on every rank alike, unless all are the same version and were asked for the same. */
  compare(): void {
    const [first] = this.hellos;
    for (const [rank, { version, asked, host }] of this.hellos.entries()) {
      const place = `rank ${rank} on ${host}`;
      if (version !== first!.version)
        throw disagree(`${place} runs Deltaprop ${version}, rank 0 on ${first!.host} ${first!.version}`);
      if (asked !== first!.asked)
        throw disagree(`${place} was asked for "${short(asked)}", rank 0 for "${short(first!.asked)}"`);
    }
  }

  /** Rank 0: a session on all ranks, one at a time. `wanted`: what they exchange; default: the fewer bytes. */
  async open(backend: Backend, setup: Setup, wanted?: RankExchange["kind"]): Promise<Session> {
    if (this.#open)
      throw new InvalidInput("SESSION_BUSY", "ranks have one session at a time: close the one that is open first.");
    const alone =
      "norms of single examples are measured by one process, private training with them: start it without mpirun or srun.";
    if (setup.exampleNorms || setup.clipping) throw new InvalidInput("CONFLICTING_OPTION", alone);
    const prepared = await inTurns(preparing(backend, setup, this.hellos[0]!.threads, true));
    const { name, floatBytes } = backend;
    const exchange = exchangeOf(prepared.plan, this.hellos.length, wanted);
    const { kind } = exchange;
    const { optimizer } = setup;
    const opening = { engine: name, floatBytes, request: requestOf(setup), optimizer, exchange: kind };
    await this.#tell({ kind: "open", opening }, true);
    for (const [rank, { engine, problem }] of (await this.#report({ engine: name })).entries()) {
      const place = `rank ${rank} on ${this.hellos[rank]!.host}`;
      if (problem !== undefined) throw new EnvironmentFailure("RANK_FAILED", `${place}: ${problem}`);
      if (engine !== name)
        warnOnce(place, `${place} computes with ${engine}, rank 0 with ${name}; the bits are the same.`);
    }
    this.#open = true;
    return new LeadingSession(backend, prepared, setup, this.#team(kind), exchange, async (command, work) => {
      if (command.kind === "close") this.#open = false;
      if (!this.#failed) await this.#tell(command, work);
    });
  }

  /** The others: do what rank 0 says, until it ends the job. Raises EnvironmentFailure. */
  async follow(): Promise<void> {
    let session: FollowingSession | undefined;
    try {
      for (;;) {
        const command = unpackCommand((await this.#lead.ask<"heard">({ kind: "listen" })).command);
        if (command.kind === "open") session = await this.#followOpening(command.opening);
        else if (command.kind === "job") await session!.follow(command.job);
        else if (command.kind === "close") await session!.close();
        else return await this.#leave();
      }
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** End the job: the others leave with rank 0, or after a failure all are ended with this exit status. */
  async end(status: number): Promise<void> {
    try {
      if (!this.#failed && this.rank === 0) await this.#tell({ kind: "end" }, true);
      if (!this.#failed) return await this.#leave(status);
    } catch (error) {
      this.fail(error);
    }
    this.#mpi.arm(status, 1, "");
    await this.#lead.ask<"left">({ kind: "abort", status }).catch(() => {});
  }

  /** Before the process ends by itself: thread 0 must not keep it in a wait. */
  abandon(status: number): void {
    this.#mpi.arm(status, LAST_S, "");
    this.#lead.stop();
  }

  /** From now on the job can only be aborted, and this process ends within seconds, with a word if it gave none. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#lead.stop();
    const line = error instanceof DeltapropError ? error.line : `error RANK_FAILED ${printable(String(error))}`;
    this.#mpi.arm(3, LAST_S, `${line}\n`);
  }

  #team(exchange: RankExchange["kind"]): PoolRanks {
    const threads = this.hellos.map((hello) => hello.threads);
    const apart = this.hellos.some(({ host }) => host !== this.hellos[0]!.host);
    return {
      ranks: { rank: this.rank, threads, apart, sums: exchange === "sums" },
      lead: this.#lead.member,
      broken: (reason) => this.fail(reason),
    };
  }

  async #followOpening(opening: Opening): Promise<FollowingSession | undefined> {
    const { engine, floatBytes, request, optimizer, exchange } = opening;
    let made: FollowingSession | undefined;
    let report: Report;
    try {
      const { engine: own, threads } = this.hellos[this.rank]!;
      const backend = backendFor(own, engine, floatBytes);
      const prepared = allocateSession(backend, request, threads, true);
      made = new FollowingSession(backend, prepared, { optimizer }, threads, {}, this.#team(exchange));
      report = { engine: backend.name };
    } catch (error) {
      report = { problem: error instanceof DeltapropError ? error.message : String(error) };
    }
    const reports = await this.#report(report);
    return reports.every(({ problem }) => problem === undefined) ? made : undefined;
  }

  async #report(own: Report): Promise<readonly Report[]> {
    const { texts } = await this.#lead.ask<"reports">({ kind: "report", text: JSON.stringify(own) });
    return texts.map((text) => JSON.parse(text) as Report);
  }

  async #tell(command: Command, work: boolean): Promise<void> {
    try {
      await this.#lead.ask<"told">({ kind: "tell", command: packCommand(command), work });
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Leave the job, as every rank does. */
  async #leave(status = 0): Promise<void> {
    this.#mpi.arm(3, OPENING_S + LAST_S, "error RANK_LOST not all ranks left the job.\n");
    await this.#lead.ask<"left">({ kind: "leave", status });
    this.#mpi.arm(3, 0, "");
  }
}

/** What a rank says of a session it was to open. */
type Report =
  | { readonly engine: string; readonly problem?: undefined }
  | { readonly engine?: undefined; readonly problem: string };

/** This rank's own choice; without one rank 0's engine, or if that cannot run here, the fastest of its precision. */
function backendFor(own: string, leading: string, floatBytes: 4 | 8): Backend {
  const backend = (name: string) => BACKENDS.find((one) => one.name === name)!;
  const usable = own === "auto" && (floatBytes === 8 || backend(leading).missing() === undefined) ? leading : own;
  const found = backend(chooseEngine(usable).name);
  if (found.floatBytes === floatBytes) return found;
  throw new InvalidInput("CONFLICTING_OPTION", `engine ${found.name} has another precision than rank 0's ${leading}.`);
}

function helloOf(text: string, rank: number): Hello {
  try {
    return JSON.parse(text) as Hello;
  } catch {
    throw disagree(`rank ${rank} runs another version of Deltaprop, which this one does not understand`);
  }
}

const disagree = (what: string) =>
  new InvalidInput(
    "RANKS_DISAGREE",
    `${printable(what)}. Every rank must have the same version and be asked for the same.`,
  );

const short = (text: string) => (text.length > WORDS ? `${text.slice(0, WORDS)}…` : text);

const wrongLauncher = ({ mpi, size }: Launch, found: number) =>
  new InvalidInput(
    "WRONG_LAUNCHER",
    `started as one of ${size} processes, but ${MPI_NAMES[mpi]} knows of ${found}: the launcher belongs to another MPI. Start them with the mpirun of the MPI that build:mpi found.`,
  );
