// Eigenvalues and eigenvectors of a symmetric matrix in float64: Householder's tridiagonal form, then QL with implicit
// shifts (Golub and Van Loan, Matrix Computations, 8.3). Every inner loop runs along rows that lie in one piece.

/** The eigenvalues, ascending, and the eigenvector of each as a row: A = Σ λ_r v_r v_rᵀ. */
export type SymmetricEigen = {
  /** [n], ascending. */
  readonly values: Float64Array;
  /** [n×n], row r is the unit eigenvector of value r. */
  readonly vectors: Float64Array;
};

const MOST_SWEEPS = 60; // of one value; two or three are usual

/** The eigen-decomposition of the symmetric [n×n] `matrix`, which stays as it is. NaN in gives NaN out. */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const { vectors, diagonal, beside } = tridiagonal(matrix.slice(), n);
  implicitQl(vectors, diagonal, beside, n);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i]! - diagonal[j]!);
  const sorted = new Float64Array(n * n);
  order.forEach((from, r) => {
    sorted.set(vectors.subarray(from * n, (from + 1) * n), r * n);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors: sorted };
}

/** A = Qᵀ T Q by reflections I − βvvᵀ, whose v lie in the columns of `a` that they emptied. Rows of `vectors` are Q. */
function tridiagonal(a: Float64Array, n: number) {
  const beside = new Float64Array(n); // T_{k+1,k} at k
  const betas = new Float64Array(n);
  const mirrors: Float64Array[] = [];
  const p = new Float64Array(n);
  for (let k = 0; k + 2 < n; k++) {
    const v = new Float64Array(n);
    let below = 0;
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k]!;
    for (let i = k + 2; i < n; i++) below += v[i]! ** 2;
    const first = v[k + 1]!;
    mirrors.push(v);
    beside[k] = first;
    if (below === 0) continue;
    const norm = Math.sqrt(first * first + below);
    beside[k] = first > 0 ? -norm : norm;
    v[k + 1] = first - beside[k]!;
    const beta = 2 / (v[k + 1]! ** 2 + below);
    betas[k] = beta;
    p.fill(0);
    for (let i = k + 1; i < n; i++) {
      const vi = v[i]!;
      let sum = 0;
      let at = i * n + k + 1; // the lower half alone is read and kept
      for (let j = k + 1; j < i; j++, at++) {
        const x = a[at]!;
        sum += x * v[j]!;
        p[j]! += x * vi;
      }
      p[i]! += sum + a[at]! * vi;
    }
    let pv = 0;
    for (let i = k + 1; i < n; i++) pv += p[i]! * v[i]!;
    const half = (beta * beta * pv) / 2;
    for (let i = k + 1; i < n; i++) p[i] = beta * p[i]! - half * v[i]!;
    for (let i = k + 1; i < n; i++) {
      const vi = v[i]!;
      const pi = p[i]!;
      for (let j = k + 1, at = i * n + k + 1; j <= i; j++, at++) a[at]! -= vi * p[j]! + pi * v[j]!;
    }
  }
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2]!;
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  return { vectors: reflections(mirrors, betas, n), diagonal, beside };
}

/** (H_0 H_1 …)ᵀ, built from the last reflection on, whose rows and columns up to k are still those of I. */
function reflections(mirrors: readonly Float64Array[], betas: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = mirrors.length - 1; k >= 0; k--) {
    const [v, beta] = [mirrors[k]!, betas[k]!];
    if (beta === 0) continue;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) sum += q[at]! * v[j]!;
      sum *= beta;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) q[at]! -= sum * v[j]!;
    }
  }
  return q;
}

/** Turns rows of `q` until `diagonal` holds the eigenvalues. */
function implicitQl(q: Float64Array, diagonal: Float64Array, beside: Float64Array, n: number): void {
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(beside[m]!) > 2 ** -53 * (Math.abs(diagonal[m]!) + Math.abs(diagonal[m + 1]!))) m++;
      if (m === l) break;
      const gap = (diagonal[l + 1]! - diagonal[l]!) / (2 * beside[l]!);
      const root = Math.sqrt(gap * gap + 1);
      let g = diagonal[m]! - diagonal[l]! + beside[l]! / (gap + (gap < 0 ? -root : root));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * beside[i]!;
        const b = c * beside[i]!;
        const r = Math.sqrt(f * f + g * g);
        beside[i + 1] = r;
        if (r === 0) break;
        s = f / r;
        c = g / r;
        g = diagonal[i + 1]! - p;
        const t = (diagonal[i]! - g) * s + 2 * c * b;
        p = s * t;
        diagonal[i + 1] = g + p;
        g = c * t - b;
        turn(q, i * n, (i + 1) * n, n, s, c);
      }
      if (i >= l) {
        diagonal[i + 1]! -= p; // r was 0: split, and begin again
        beside[m] = 0;
        continue;
      }
      diagonal[l]! -= p;
      beside[l] = g;
      beside[m] = 0;
    }
  }
}

/** (row a, row b) ← (c·a − s·b, s·a + c·b). */
function turn(q: Float64Array, a: number, b: number, n: number, s: number, c: number): void {
  for (let k = 0; k < n; k++) {
    const x = q[a + k]!;
    const y = q[b + k]!;
    q[b + k] = s * x + c * y;
    q[a + k] = c * x - s * y;
  }
}
