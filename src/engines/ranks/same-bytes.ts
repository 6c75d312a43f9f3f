// Whether all ranks hold the same bytes, by SHA-256. Node only.
import { EnvironmentFailure } from "../../errors.ts";
import { came, type Mpi } from "./mpi-addon.ts";
import type { Ranks } from "./shares.ts";
import { OPENING_S } from "./time-limits.ts";

/** Raises EnvironmentFailure unless every rank has the same bytes of `what`. */
export function compareBytes(mpi: Mpi, { rank, threads }: Ranks, bytes: Uint8Array, what: string): void {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const own = createHash("sha256").update(bytes).digest();
  const all = new Uint8Array(own.length * threads.length);
  all.set(own, own.length * rank);
  came(mpi.share(all, OPENING_S), `hashes of ${what}`, OPENING_S);
  const hashes = threads.map((_, q) => Buffer.from(all.subarray(own.length * q, own.length * (q + 1))).toString("hex"));
  const other = hashes.findIndex((hash) => hash !== hashes[0]);
  if (other < 0) return;
  const reason = `rank ${other} has other ${what} than rank 0 (SHA-256 ${hashes[other]}, ${hashes[0]}): a machine or the network between them changed bits`;
  throw new EnvironmentFailure("RANKS_DIFFER", reason);
}
