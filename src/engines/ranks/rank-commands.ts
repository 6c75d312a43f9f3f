// What rank 0 has the other ranks do, and as bytes. Node only. V8's own form keeps every number, also those that JSON
// has no words for: a bound of Infinity, NaN, −0.
import type { PlanRequest } from "../../network/plan.ts";
import type { RankExchange, Setup } from "../engine.ts";
import type { TeamJob } from "../team-job.ts";

/** What rank 0 has the others do. */
export type Command =
  | { readonly kind: "open"; readonly opening: Opening }
  | { readonly kind: "job"; readonly job: TeamJob }
  | { readonly kind: "close" }
  | { readonly kind: "end" };

/** A session's memory, for ranks without its data. */
export type Opening = {
  readonly engine: string;
  readonly floatBytes: 4 | 8;
  readonly request: PlanRequest;
  readonly optimizer: Setup["optimizer"];
  readonly exchange: RankExchange["kind"];
};

export const packCommand = (command: Command): Uint8Array => process.getBuiltinModule("node:v8").serialize(command);

export const unpackCommand = (bytes: Uint8Array): Command => process.getBuiltinModule("node:v8").deserialize(bytes);
