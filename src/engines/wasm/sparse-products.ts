// E9 and E37 of an A that holds many ±0, as images and one-hot columns do: a term that is ±0 in both rows of a
// micro-tile is left out. A sum that starts at +0 is never −0, so adding 0 times a finite number leaves its bits; where
// B is not finite, the products of products.ts add every term.
//
//      for (let i = 0; i < M; i += 2)
//        for (let j = 0; j < N; j += 16)
//          for (let k = 0; k < K; k++)
//            if (A[i][k] !== 0 || A[i + 1][k] !== 0) sums[2][16] += A[i…][k] * B[k][j…];
//
// The flatter a micro-tile, the more of its terms are 0 in all of its rows. The terms that stay are listed first, so no
// branch is left to mispredict. A is read where it lies, B from a packed panel. Sizes and addresses as in products.ts.
import { doWhile, f32x4, type I32, i32, type ModuleBuilder, type Statement, v128, when } from "./assembler.ts";
import { advance, each, i32s, least, number, several, sum, times, whileBelow } from "./loops.ts";
import { type Epilogue, eachSum, FLOAT, stepRows, VECTOR } from "./tile.ts";

const VECTORS = 4; //          of a micro-tile's row: a cache line, to which rows of every matrix are padded
const LINE = VECTORS * VECTOR; // bytes of one term of a panel of B
const TERMS = 1024; //         of a block, at most
const PANEL_BYTES = TERMS * LINE;
const LIST_BYTES = 1 << 17; // lists of some rows of A: what is kept at a time
const SAMPLES = 8; //          micro-tiles of columns that tell whether leaving out pays; rows are alike: one

/** Scratch of one thread: a panel of B, then lists. */
export const SPARSE_SCRATCH = PANEL_BYTES + LIST_BYTES;

/** A product whose terms may be left out: rows of A are rows of its matrix in memory, or, `transposed`, columns. */
export type SparseProduct = {
  readonly transposed: boolean;
  readonly epilogue: Epilogue;
  readonly epilogueAt: (first: I32, column: I32) => I32;
};

type Call = (...args: I32[]) => Statement;

/**
 * list = [bytes of the numbers that follow, 64·k of every term k that is not ±0 in both rows]. `first` and `second`:
 * where the rows of A begin; `step`: bytes from term to term.
 */
const defineList = (module: ModuleBuilder): Call =>
  module.define("listTerms", i32s(5), (local, list, terms, first, second, step) => {
    const [at, entry, end] = several(local, "i32", 3);
    return [
      at.set(sum(list, FLOAT)),
      entry.set(number(0)),
      end.set(times(terms, number(LINE))),
      doWhile(
        [
          i32.store(at, entry), // the next term overwrites it where both are ±0: no bit but the signs
          advance(
            at,
            times(i32.ltU(number(0), i32.and(i32.or(i32.load(first), i32.load(second)), number(0x7fffffff))), FLOAT),
          ),
          advance(first, step),
          advance(second, step),
          advance(entry, number(LINE)),
        ],
        i32.ltU(entry, end),
      ),
      i32.store(list, i32.sub(i32.sub(at, list), FLOAT)),
    ];
  }) as Call;

/** at[0] = 1 if every number of `rows` rows of whole vectors is finite, so that x − x is 0; else as it was. */
const defineAllFinite = (module: ModuleBuilder): Call =>
  module.define("allFinite", i32s(5), (local, at, matrix, stride, rows, rowBytes) => {
    const [row, x, end, last] = several(local, "i32", 4);
    const [sums, value] = several(local, "v128", 2);
    return [
      last.set(sum(matrix, times(rows, stride))),
      ...each(row, matrix, last, stride, [
        end.set(sum(row, rowBytes)),
        ...each(x, row, end, number(VECTOR), [
          value.set(v128.load(x)),
          sums.set(f32x4.add(sums, f32x4.sub(value, value))),
        ]),
      ]),
      when(v128.anyTrue(sums), [], [i32.store(at, number(1))]),
    ];
  }) as Call;

/** panel[k] = one cache line of B[k] for each term. */
const definePackLines = (module: ModuleBuilder): Call =>
  module.define("packLines", i32s(4), (local, panel, terms, from, stride) => {
    const end = local("i32");
    return [
      end.set(sum(panel, times(terms, number(LINE)))),
      doWhile(
        [
          ...Array.from({ length: VECTORS }, (_, v) => v128.store(panel, v128.load(from, v * VECTOR), v * VECTOR)),
          advance(panel, number(LINE)),
          advance(from, stride),
        ],
        i32.ltU(panel, end),
      ),
    ];
  }) as Call;

/** The micro-kernel of 1 or 2 rows, with the loop over the micro-tiles of a panel around it. */
function defineMicroKernel(module: ModuleBuilder, name: string, height: number, product: SparseProduct): Call {
  return module.define(
    `${name}SparseMicroKernel${height}`,
    i32s(11),
    (local, a, aStride, panel, list, listBytes, c, cStride, tiles, more, ...ends) => {
      const sums = Array.from({ length: height }, () => several(local, "v128", VECTORS));
      const rowsOfC = Array.from({ length: height }, () => local("i32"));
      const splats = Array.from({ length: height }, () => local("v128"));
      const [entry, end, offset, x] = several(local, "i32", 4);
      const b = local("v128");
      const [accumulate, last] = [i32.and(more, number(1)), i32.and(more, number(2))];
      const { transposed } = product;
      const k = i32.shrU(offset, number(6)); // offset = 64·k
      const xAt = sum(a, transposed ? times(k, aStride) : i32.shrU(offset, number(4)));
      return [
        doWhile(
          [
            ...stepRows(rowsOfC, c, cStride),
            when(
              accumulate,
              eachSum(sums, (s, v, r) => s.set(v128.load(rowsOfC[r]!, v * VECTOR))),
              eachSum(sums, (s) => s.set(v128.zero)),
            ),
            entry.set(sum(list, FLOAT)),
            end.set(sum(entry, i32.load(list))),
            ...whileBelow(entry, end, [
              offset.set(i32.load(entry)),
              x.set(xAt),
              offset.set(sum(panel, offset)),
              ...splats.map((z, r) =>
                z.set(transposed ? v128.load32Splat(x, 4 * r) : v128.load32Splat(r === 0 ? x : sum(x, aStride))),
              ),
              ...Array.from({ length: VECTORS }, (_, v) => [
                b.set(v128.load(offset, v * VECTOR)),
                ...sums.map((row, r) => row[v]!.set(f32x4.add(row[v]!, f32x4.mul(splats[r]!, b)))),
              ]).flat(),
              advance(entry, FLOAT),
            ]),
            c.set(sum(rowsOfC.at(-1)!, cStride)), // an epilogue may move the rows
            when(last, product.epilogue(local, sums, rowsOfC, ...ends)),
            ...eachSum(sums, (s, v, r) => v128.store(rowsOfC[r]!, s, v * VECTOR)),
            advance(a, transposed ? times(number(height), FLOAT) : times(number(height), aStride)),
            advance(list, listBytes),
          ],
          tiles.tee(i32.sub(tiles, number(1))),
        ),
      ];
    },
  ) as Call;
}

/**
 * Define `<name>Sparse`, with the arguments of the product and last `status`: what it points to becomes 1 where the
 * product is done, 0 where too few terms are ±0 or a number of B is not finite. Loops, from outside: blocks of terms;
 * rows of A whose lists fit; cache lines of B's columns; micro-tiles.
 */
export function sparseProducts(module: ModuleBuilder): (name: string, product: SparseProduct) => Call {
  const listTerms = defineList(module);
  const allFinite = defineAllFinite(module);
  const packLines = definePackLines(module);
  return (name, product) => {
    const { transposed } = product;
    const [single, double] = [1, 2].map((height) => defineMicroKernel(module, name, height, product)) as [Call, Call];
    return module.define(
      `${name}Sparse`,
      i32s(14),
      (local, c, cStride, M, N, K, a, aStride, b, bStride, epilogueFirst, epilogueSecond, scratch, adds, status) => {
        const [i, i0, k0, j, rows, terms, list, listBytes, part, stay, all, more, rowBytes] = several(local, "i32", 13);
        const [row, k] = transposed ? [FLOAT, aStride] : [aStride, FLOAT]; // bytes from row to row of A; of k
        const lists = sum(scratch, number(PANEL_BYTES));
        const at = (rowOfA: I32, term: I32) => sum(a, times(rowOfA, row), times(term, k));
        const bAt = (term: I32) => sum(b, times(term, bStride));
        /** The list of rows i and i + 1, or of i alone where it is the last of `end`. */
        const listRows = (to: I32, first: I32, term: I32, count: I32, end: I32) =>
          listTerms(to, count, at(first, term), at(least(sum(first, number(1)), i32.sub(end, number(1))), term), k);
        const run = (kernel: Call, from: I32, listed: I32, tiles: I32) =>
          kernel(
            at(sum(i0, from), k0),
            aStride,
            scratch,
            listed,
            listBytes,
            sum(c, times(sum(i0, from), cStride), j),
            cStride,
            tiles,
            more,
            product.epilogueAt(epilogueFirst, j),
            epilogueSecond,
          );
        const multiply = [
          ...each(k0, number(0), K, number(TERMS), [
            terms.set(least(number(TERMS), i32.sub(K, k0))),
            more.set(sum(i32.ltU(number(0), sum(k0, adds)), times(i32.eq(sum(k0, terms), K), number(2)))),
            listBytes.set(times(sum(terms, number(1)), FLOAT)),
            part.set(times(i32.divU(number(LIST_BYTES), listBytes), number(2))),
            ...each(i0, number(0), M, part, [
              rows.set(least(part, i32.sub(M, i0))),
              list.set(lists),
              ...each(i, number(0), rows, number(2), [
                listRows(list, sum(i0, i), k0, terms, sum(i0, rows)),
                advance(list, listBytes),
              ]),
              i.set(i32.and(rows, number(-2))),
              list.set(sum(lists, times(i32.shrU(rows, number(1)), listBytes))),
              ...each(j, number(0), rowBytes, number(LINE), [
                packLines(scratch, terms, sum(bAt(k0), j), bStride),
                when(i, [run(double, number(0), lists, i32.shrU(rows, number(1)))]),
                when(i32.ltU(i, rows), [run(single, i, list, number(1))]),
              ]),
            ]),
          ]),
        ];
        return [
          i32.store(status, number(0)),
          rowBytes.set(times(N, FLOAT)),
          terms.set(least(number(TERMS), K)),
          part.set(
            transposed ? sum(i32.and(i32.divU(M, number(SAMPLES)), number(-2)), number(2)) : M, // from sample to sample
          ),
          ...each(i, number(0), M, part, [
            listRows(lists, i, number(0), terms, M),
            advance(stay, i32.load(lists)),
            advance(all, terms),
          ]),
          // bytes of numbers that stay, 4 each: half of the terms at most
          when(i32.gtU(i32.shrU(stay, number(1)), all), [], [allFinite(status, b, bStride, K, rowBytes)]),
          when(i32.load(status), multiply),
        ];
      },
    ) as Call;
  };
}
