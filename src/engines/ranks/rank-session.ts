// A session of a job of several ranks: a pool on each, whose threads are one team. Rank 0's is a session like any
// other, which tells the others every job; theirs do what they are told.
import type { Floats } from "../../network/memory.ts";
import type { Backend } from "../backend.ts";
import type { Features, OnProgress, RankExchange, Setup } from "../engine.ts";
import { type PoolRanks, PoolSession } from "../pool.ts";
import type { Prepared } from "../prepare.ts";
import type { Fresh, TeamJob, TeamResult } from "../team-job.ts";
import { warnOnce } from "../warning.ts";
import type { Command } from "./rank-commands.ts";

/** Rank 0's. */
export class LeadingSession extends PoolSession {
  override readonly ranks: number;
  readonly exchange: RankExchange;
  readonly #team: number; // threads of all ranks
  readonly #tell: (command: Command, work: boolean) => Promise<void>;
  readonly #fresh = new Set<Fresh>();

  constructor(
    backend: Backend,
    prepared: Prepared,
    setup: Setup,
    team: PoolRanks,
    exchange: RankExchange,
    tell: (command: Command, work: boolean) => Promise<void>,
  ) {
    super(backend, prepared, setup, team.ranks.threads[0]!, {}, team);
    this.ranks = team.ranks.threads.length;
    this.#team = team.ranks.threads.reduce((all, threads) => all + threads, 0);
    this.exchange = exchange;
    this.#tell = tell;
  }

  override writeParameters(packed: Floats): void {
    super.writeParameters(packed);
    this.#fresh.add("parameters");
  }

  override writeStates(states: readonly Floats[]): void {
    super.writeStates(states);
    this.#fresh.add("states");
  }

  override setExample(row: number, features: Features, label: number, targets?: Floats): void {
    super.setExample(row, features, label, targets);
    this.#fresh.add("examples");
  }

  protected override fieldsPlaced(): void {
    this.#fresh.add("fields");
  }

  override async close(): Promise<void> {
    const open = !this.closed;
    await super.close();
    if (open) await this.#tell({ kind: "close" }, false);
  }

  protected override async run(given: TeamJob, onProgress?: OnProgress): Promise<TeamResult> {
    if (given.kind === "train") this.#nameIdle();
    const job = { ...given, fresh: [...this.#fresh] };
    await this.#tell({ kind: "job", job }, true);
    this.#fresh.clear();
    return super.run(job, onProgress);
  }

  #nameIdle(): void {
    const idle = this.#team - this.batchSize;
    if (idle <= 0) return;
    warnOnce(
      "idle ranks",
      `a batch of ${this.batchSize} leaves ${idle} of ${this.#team} threads without rows; they share in the weights alone.`,
    );
  }
}

/** Another rank's. */
export class FollowingSession extends PoolSession {
  /** Do rank 0's job. */
  follow(job: TeamJob): Promise<TeamResult> {
    return this.run(job);
  }
}
