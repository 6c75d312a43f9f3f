// The rows of several splits one after another, as one session takes them.
import type { FeatureRows, Features } from "../engines/engine.ts";
import type { Steps } from "../engines/turns.ts";

export class JoinedRows implements FeatureRows {
  readonly rows: number;
  readonly form: "bytes" | "floats";
  readonly room: number | undefined;
  readonly #parts: readonly FeatureRows[];

  /** Parts of one form. */
  constructor(parts: readonly FeatureRows[]) {
    this.rows = parts.reduce((sum, { rows }) => sum + rows, 0);
    this.form = parts[0]!.form;
    this.room = parts[0]!.room;
    this.#parts = parts;
  }

  *gathering(rows: Uint32Array): Steps<Features> {
    let out: Features | undefined;
    let first = 0;
    for (const part of this.#parts) {
      const places = placesIn(rows, first, first + part.rows);
      if (places.length > 0) {
        const some = yield* part.gathering(places.map((i) => rows[i]! - first));
        if (places.length === rows.length) return some;
        const D = some.length / places.length;
        out ??= new (some.constructor as new (n: number) => Float32Array)(rows.length * D);
        for (const [k, i] of places.entries()) out.set(some.subarray(k * D, (k + 1) * D), i * D);
      }
      first += part.rows;
    }
    return out!;
  }
}

/** The places of the rows in [from, to). */
function placesIn(rows: Uint32Array, from: number, to: number): Uint32Array {
  const places = new Uint32Array(rows.length);
  let n = 0;
  for (let i = 0; i < rows.length; i++) if (rows[i]! >= from && rows[i]! < to) places[n++] = i;
  return places.subarray(0, n);
}
