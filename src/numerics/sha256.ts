// SHA-256 of bytes (FIPS 180-4): of many by WebCrypto where there is one; pages that are no secure context have none.

const FEW = 8192; // bytes: another thread's answer takes longer to come

/** SHA-256 of the concatenated parts, as 64 lower-case hexadecimal digits. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<string> {
  const whole = concatenated(parts);
  if (whole.length <= FEW) return hash(whole);
  try {
    return hexadecimal(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)));
  } catch {
    return hash(whole); // no WebCrypto, or more bytes than it takes: 2 GiB in Node
  }
}

/** The same at once and without WebCrypto. */
export function sha256Plain(...parts: readonly Uint8Array[]): string {
  return hash(concatenated(parts));
}

const BLOCK = 64; // bytes
const ROUNDS = 64;

/**
 * The first 32 bits of the fractional parts of `root` of the first `count` primes. Exact in a double for both roots.
 */
function constants(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Int32Array.from(primes, (prime) => ((root(prime) % 1) * 2 ** 32) | 0);
}

let tables: { readonly K: Int32Array; readonly start: Int32Array } | undefined;

const rotated = (word: number, by: number) => (word >>> by) | (word << (32 - by));

function hash(bytes: Uint8Array): string {
  tables ??= { K: constants(ROUNDS, Math.cbrt), start: constants(8, Math.sqrt) };
  const { K, start } = tables;
  const state = start.slice();
  const W = new Int32Array(ROUNDS);
  const whole = bytes.length - (bytes.length % BLOCK);
  const tail = padding(bytes, whole);
  for (let at = 0; at < whole; at += BLOCK) compress(state, W, K, bytes, at);
  for (let at = 0; at < tail.length; at += BLOCK) compress(state, W, K, tail, at);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  state.forEach((word, i) => {
    view.setInt32(4 * i, word);
  });
  return hexadecimal(digest);
}

/** The bytes from `whole` on, a 1 bit, zeros, and the length in bits as 64 bits: one block or two. */
function padding(bytes: Uint8Array, whole: number): Uint8Array {
  const rest = bytes.length - whole;
  const tail = new Uint8Array(rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK);
  tail.set(bytes.subarray(whole));
  tail[rest] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(tail.length - 4, (bytes.length << 3) >>> 0);
  return tail;
}

/** FIPS 180-4, 6.2.2: one block of 64 bytes into the state. */
function compress(state: Int32Array, W: Int32Array, K: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++) {
    const i = at + 4 * t;
    W[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
  }
  for (let t = 16; t < ROUNDS; t++) {
    const [x, y] = [W[t - 15]!, W[t - 2]!];
    const s0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3);
    const s1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10);
    W[t] = W[t - 16]! + s0 + W[t - 7]! + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < ROUNDS; t++) {
    const S1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[t]! + W[t]!) | 0;
    const S0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  const sums = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i]! += sums[i]!;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (parts.length === 1 && only!.buffer instanceof ArrayBuffer) return only as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const hexadecimal = (digest: Uint8Array) => Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
