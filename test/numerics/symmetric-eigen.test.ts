// Eigenvectors against their definition, and against matrices whose eigenvalues are known.
import { expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { symmetricEigen } from "../../src/numerics/symmetric-eigen.ts";

const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
const row = (matrix: Float64Array, n: number, r: number) => matrix.subarray(r * n, (r + 1) * n);

function expectDecomposed(A: Float64Array, n: number): void {
  const { values, vectors } = symmetricEigen(A, n);
  const size = Math.max(...A.map(Math.abs), 1e-300) * n;
  for (let r = 0; r < n; r++) {
    const v = row(vectors, n, r);
    for (let i = 0; i < n; i++) {
      expect(Math.abs(dot(row(A, n, i), v) - values[r]! * v[i]!)).toBeLessThan(1e-14 * size * n);
      expect(Math.abs(dot(v, row(vectors, n, i)) - Number(i === r))).toBeLessThan(1e-14 * n);
    }
    if (r > 0) expect(values[r]).toBeGreaterThanOrEqual(values[r - 1]!);
  }
}

test.each([1, 2, 3, 7, 40])("a symmetric matrix of %i rows is its eigenvalues times its eigenvectors", (n) => {
  const random = new Random(n, 90);
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = random.normal();
  expectDecomposed(A, n);
});

test("matrices of low rank, of equal eigenvalues and of zeros are decomposed, too", () => {
  const x = Float64Array.from({ length: 12 }, (_, k) => k - 4);
  expectDecomposed(
    Float64Array.from({ length: 144 }, (_, at) => x[Math.floor(at / 12)]! * x[at % 12]!),
    12,
  );
  expectDecomposed(
    Float64Array.from({ length: 25 }, (_, at) => Number(at % 6 === 0)),
    5,
  );
  expectDecomposed(new Float64Array(16), 4);
});

test("the second difference has the eigenvalues 2 − 2 cos(πk/(n + 1))", () => {
  const n = 9;
  const A = Float64Array.from({ length: n * n }, (_, at) => {
    const apart = Math.abs(Math.floor(at / n) - (at % n));
    return apart === 0 ? 2 : apart === 1 ? -1 : 0;
  });
  const { values } = symmetricEigen(A, n);
  for (let k = 1; k <= n; k++) expect(values[k - 1]).toBeCloseTo(2 - 2 * Math.cos((Math.PI * k) / (n + 1)), 13);
});
