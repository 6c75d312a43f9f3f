// The module of thread 0 of a rank, which alone speaks MPI and lives as long as the job. Between two pieces of work
// rank 0's gives a sign of life twice a second, and the others wait for it or for a command; so whoever is gone is
// missed.
import { EnvironmentFailure } from "../../errors.ts";
import type { TeamJob } from "../team-job.ts";
import { type JoinMessage, teamMember, type WorkerAnswer } from "../team-member.ts";
import { serveOwner } from "../worker-port.ts";
import type { MpiKind } from "./launcher.ts";
import { came, type Mpi, needMpi } from "./mpi-addon.ts";
import { MpiExchange } from "./mpi-exchange.ts";
import { OPENING_S, PULSE_S, patience } from "./time-limits.ts";

/** What the main thread of a rank has its thread 0 do, besides joining teams and their jobs. */
export type LeadMessage =
  /** Join the job, and give every rank this one's text, of at most HELLO_BYTES bytes. */
  | { readonly kind: "hello"; readonly mpi: MpiKind; readonly stop: Int32Array; readonly size: number; text: string }
  /** Rank 0: give the others a command. `work`: thread 0 works on it itself, and gives no sign of life until then. */
  | { readonly kind: "tell"; readonly command: Uint8Array; readonly work: boolean }
  /** The others: wait for the next command. */
  | { readonly kind: "listen" }
  /** Give every rank this one's text, of at most REPORT_BYTES bytes. */
  | { readonly kind: "report"; readonly text: string }
  | { readonly kind: "leave"; readonly status: number }
  | { readonly kind: "abort"; readonly status: number };

/** Its answers, besides those of a worker. */
export type LeadAnswer =
  | { readonly kind: "joined"; readonly rank: number; readonly size: number; readonly texts: readonly string[] }
  | { readonly kind: "told" }
  | { readonly kind: "heard"; readonly command: Uint8Array }
  | { readonly kind: "reports"; readonly texts: readonly string[] }
  | { readonly kind: "left" };

const HELLO_BYTES = 4096;
const REPORT_BYTES = 1024;
const HEAD = Int32Array.BYTES_PER_ELEMENT; // a command's length in bytes, 0 for a sign of life

let mpi: Mpi | undefined;
let rank = 0;
let size = 1;
let working = true; // no sign of life meanwhile
let limit = patience(0);

const member = teamMember((ranks, plan, memory) => new MpiExchange(mpi!, ranks, plan, memory));

/** Every rank's text, cut to its room. */
function shareTexts(text: string, room: number, what: string): string[] {
  const all = new Uint8Array(room * size);
  new TextEncoder().encodeInto(text, all.subarray(room * rank, room * (rank + 1)));
  came(mpi!.share(all, OPENING_S), what, OPENING_S);
  const texts = Array.from({ length: size }, (_, q) => all.subarray(room * q, room * (q + 1)));
  return texts.map((bytes) => new TextDecoder().decode(bytes).replace(/\0+$/, ""));
}

/** All ranks meet; the length of what rank 0 has to say. */
function meet(length: number): number {
  const heads = new Int32Array(size);
  heads[rank] = length;
  const seconds = limit(0);
  came(mpi!.share(new Uint8Array(heads.buffer, 0, HEAD * size), seconds), "a sign of life", seconds);
  return heads[0]!;
}

function tell(bytes: Uint8Array): void {
  meet(bytes.length);
  came(mpi!.broadcast(bytes, OPENING_S), "a command", OPENING_S);
}

function listen(): Uint8Array {
  let length = 0;
  while (length === 0) length = meet(0);
  const bytes = new Uint8Array(length);
  came(mpi!.broadcast(bytes, OPENING_S), "a command", OPENING_S);
  return bytes;
}

function lead(message: LeadMessage): LeadAnswer {
  switch (message.kind) {
    case "hello": {
      mpi = needMpi(message.mpi);
      ({ rank, size } = mpi.init(message.stop));
      limit = patience(rank);
      const texts = size === message.size ? shareTexts(message.text, HELLO_BYTES, "joining") : [message.text];
      working = false;
      return { kind: "joined", rank, size, texts };
    }
    case "tell":
      tell(message.command);
      working = message.work;
      return { kind: "told" };
    case "listen":
      return { kind: "heard", command: listen() };
    case "report": {
      const texts = shareTexts(message.text, REPORT_BYTES, "opening a session");
      working = false;
      return { kind: "reports", texts };
    }
    case "leave":
      working = true;
      came(mpi!.finalize(message.status, OPENING_S), "leaving", OPENING_S);
      return { kind: "left" };
    case "abort":
      mpi!.abort(message.status);
      return { kind: "left" };
  }
}

type Answer = (message: WorkerAnswer | LeadAnswer) => void;
let answerOf: Answer = () => {};

function guarded(work: () => WorkerAnswer | LeadAnswer | undefined): WorkerAnswer | LeadAnswer | undefined {
  try {
    return work();
  } catch (error) {
    working = true; // for good
    if (error instanceof EnvironmentFailure) return { kind: "failed", reason: error.reason, code: error.code };
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

serveOwner(async (message: LeadMessage | JoinMessage | TeamJob, answer: Answer) => {
  answerOf = answer;
  if ("rank" in message || "length" in message) {
    const result = await member(message as JoinMessage | TeamJob);
    if (result.kind === "done") working = false;
    return answer(result);
  }
  const result = guarded(() => lead(message as LeadMessage));
  if (result) answer(result);
});

setInterval(() => {
  if (rank !== 0 || size === 1 || working) return;
  const failure = guarded(() => void meet(0));
  if (failure) answerOf(failure);
}, 1000 * PULSE_S);
