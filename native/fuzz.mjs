// Random calls of the addon, most of them wrong: `node fuzz.mjs <addon> <calls>`. The addon may throw, but must not
// touch memory outside the array it was opened on; sanitize.mjs runs this under the sanitizers. Overlapping views are
// allowed: their results are unspecified.
import { createRequire } from "node:module";

const [, , file, count] = process.argv;
const addon = createRequire(import.meta.url)(file);

let state = 20261124;
/** A number in [0, n), from a linear congruence: the same calls in every run. */
const below = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};
const one = (list) => list[below(list.length)];

const BYTES = 1 << 18;
const FLOATS = BYTES / 4;
const SCRATCH = 40_000; // floats: enough for the products of small layers, too little for others
const memories = Array.from({ length: 4 }, () =>
  below(2)
    ? new SharedArrayBuffer(BYTES)
    : new WebAssembly.Memory({ initial: BYTES / 65536, maximum: BYTES / 65536, shared: true }).buffer,
);

const detached = () => {
  const buffer = new ArrayBuffer(64);
  const view = one([new Uint8Array(buffer), new Float64Array(buffer)]);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
};
const strange = () =>
  one([
    undefined,
    null,
    true,
    "7",
    7n,
    Symbol("s"),
    {},
    [],
    () => 1,
    new DataView(new ArrayBuffer(8)),
    NaN,
    Infinity,
    -1,
    0.5,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -0,
    1e300,
    new ArrayBuffer(8),
    new SharedArrayBuffer(8),
    new Float64Array(0),
    detached(),
    new Uint8Array(0),
    new Float32Array(4),
    new Float64Array(3),
    new BigInt64Array(2),
    new Uint8Array(9),
  ]);
const shaken = (args, share = 12) => args.map((arg) => (below(share) === 0 ? strange() : arg));
const attempt = (work, done) => {
  try {
    const result = work();
    return done ?? result;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return undefined;
  }
};

/** A view of the given shape somewhere in the memory; some do not fit. */
function view(rows, cols) {
  const stride = cols + one([0, 0, 1, 3, 16 - (cols % 16), 64]);
  const length = (rows - 1) * stride + cols;
  const offset = below(Math.max(1, FLOATS - SCRATCH - length)) + below(40) * (below(50) === 0 ? FLOATS / 40 : 0);
  return [offset, rows, cols, stride];
}

const size = () => one([1, 2, 3, 7, 8, 10, 15, 16, 17, 31, 33, 47, 64, 100]);

/** What rows are drawn: the amount, halves of the seed, and the place of the examples' numbers. */
const draws = (rows, amount) => [amount, below(2 ** 32), below(2 ** 21), below(FLOATS - rows)];
/** A length and `count` spans of it. */
const spans = (count) => {
  const length = size() * size();
  return [length, ...Array.from({ length: count }, () => below(FLOATS - SCRATCH - length))];
};

/** An update of so many floats: optimizer, whether it decays, length, parameters, gradients, states. */
const update = (length, gradients = below(FLOATS - length)) => {
  const optimizer = below(5);
  const place = () => below(Math.max(1, FLOATS - length));
  const states = Array.from({ length: [0, 1, 1, 2, 2][optimizer] }, place);
  return [optimizer, below(2), length, place(), gradients, ...states];
};

/** Numbers that describe a call of each kind, in the order of `enum kind` in native/call.h. */
const KINDS = [
  () => {
    const [rows, cols, classes, examples] = [size(), size(), size(), size()];
    const place = (length, bytes) => below((BYTES - length * bytes) / bytes);
    const floats = below(2);
    const parts = [...view(rows, cols), ...view(rows, classes), examples, floats, one([1, 255, 0.3])];
    parts.push(
      place(examples * cols, floats ? 4 : 1),
      place(examples, 4),
      place(classes, 8),
      place(classes, 8),
      place(rows, 4),
    );
    parts.push(...(below(2) ? [0] : [1, place(examples * classes, 4)]));
    if (below(2)) return parts;
    const [channels, side] = [cols % 3 === 0 ? 3 : 1, one([0, 1, 5, 40])];
    const width = cols / channels;
    return [...parts, width, 1, channels, side, 0, place(16 * rows, 4), place(3 * (side + width) * (side + 1) + 16, 4)];
  },
  () => {
    const [B, I, O] = [size(), size(), size()];
    return [...view(B, O), ...view(B, I), ...view(I, O), ...view(1, O), below(11), ...one([[], [0], [1]])];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), ...view(B, O), 8 + below(3)];
  },
  () => {
    const loss = below(9);
    const per = loss === 8 ? 2 : loss === 6 ? one([1, 2, 3]) : 1;
    const [B, T] = [size(), size()];
    const views = [...view(B, T * per), ...view(B, T * per), ...view(B, T + (loss > 0 ? below(2) : 0))];
    return [...views, below(BYTES / 16), below(FLOATS / 2), loss, per, below(BYTES / 16)];
  },
  () => {
    const [B, I, O] = [size(), size(), size()];
    return [...view(B, I), ...view(B, O), ...view(I, O), ...view(B, I), below(11)];
  },
  () => {
    const [B, I, O] = [size(), size(), size()];
    return [...view(I, O), ...view(B, I), ...view(B, O), ...one([[], [0], [1]])];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(1, O), ...view(B, O), ...one([[], [0], [1]])];
  },
  () => {
    const B = size();
    return [...view(B, size()), ...view(B, size()), below(BYTES / 8 - 200)];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), ...view(B, O)];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), below(BYTES / 8 - 200)];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), ...view(B, O), ...view(B, O), below(4), ...draws(B, one([0, 0.3, 1]))];
  },
  () => {
    const B = size();
    return [...view(B, size()), ...draws(B, one([0, 0.3, 1e9]))];
  },
  () => spans(1),
  () => spans(1),
  () => spans(2),
  () => view(size(), size()),
  () => {
    const [B, O] = [size(), size()];
    const kept = below(2) ? [...view(B, O), below(BYTES / 16)] : [];
    return [...view(B, O), ...view(1, O), ...view(1, O), ...kept];
  },
  () => [...view(size(), size()), below(11)],
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), ...view(B, O), ...view(B, O), below(11)];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), ...view(B, O), ...view(1, O), ...view(B, O), below(BYTES / 16)];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), ...view(B, O), ...view(B, O)];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(1, O), ...view(B, O), ...view(B, O), ...one([[], [0], [1]])];
  },
  () => {
    const [B, O] = [size(), size()];
    return [...view(B, O), below(BYTES / 8 - 200)];
  },
  () => update(size() * size()),
  () => {
    const [B, I, O] = [size(), size(), size()];
    const dW = view(I, O);
    const W = view(I, O);
    return [...dW, ...view(B, I), ...view(B, O), W[0], I, O, dW[3]];
  },
  () => {
    const g = view(size(), size());
    const first = one([0, below(2 ** 32), 2 ** 36]);
    return [...g, first, below(FLOATS - 8), below(FLOATS), ...update(g[1] * g[3], g[0])];
  },
];

const sessions = [];
const tally = { opened: 0, registered: 0, ran: 0, refused: 0 };

function call() {
  const session = sessions.length > 0 ? one(sessions) : undefined;
  const what = below(20);
  if (!session || what === 0) {
    const bytes = new Uint8Array(one(memories), ...(below(6) === 0 ? [below(20), below(BYTES / 2)] : []));
    const opened = attempt(() =>
      addon.open(...shaken([bytes, below(addon.fused ? 3 : 1), FLOATS - SCRATCH, SCRATCH, below(2)])),
    );
    if (!opened) return "refused";
    if (sessions.length === 8) sessions.shift();
    // the functions alone, not their object, must keep the memory alive
    sessions.push({ ...opened, bytes, calls: 0, lists: 0 });
    return "opened";
  }
  if (what < 9) {
    const kind = below(KINDS.length);
    const numbers = KINDS[kind]();
    if (below(3) === 0)
      numbers[below(numbers.length)] = one([-1, 0, 0.5, NaN, Infinity, 2 ** 32, 2 ** 53, 1e300, FLOATS, below(FLOATS)]);
    if (below(20) === 0) numbers.length = below(numbers.length);
    const given = below(20) === 0 ? Float32Array.from(numbers) : Float64Array.from(numbers);
    const number = attempt(() => session.register(...shaken([kind, given])));
    if (number === undefined) return "refused";
    session.calls = number + 1;
    return "registered";
  }
  if (what === 9) {
    // other numbers and row numbers, so that gather meets rows that exist
    const words = new Uint32Array(session.bytes.buffer);
    for (let i = 0; i < 2000; i++)
      words[below(words.length)] = one([below(20), 0x3f800000 + below(1 << 23), 0x7fc00000, 1]);
    if (below(4) === 0) words.fill(below(8));
    return "ran";
  }
  if (what === 10) {
    const values = Float64Array.from({ length: below(9) }, () => one([0, -0, NaN, 1e300, below(1000) - 500]));
    return attempt(() => addon.numeric(...shaken([below(8), values])), "ran") ?? "refused";
  }
  if (what === 11)
    return attempt(() => addon.scratch(...shaken([below(1000), below(1000), below(1000)]))) === undefined
      ? "refused"
      : "ran";
  if (what === 12) return attempt(() => addon.limit(...shaken([below(4), below(100)])), "ran") ?? "refused";
  if (what === 13) return attempt(() => addon.largePages(...shaken([session.bytes], 3)), "ran") ?? "refused";
  if (what === 14) {
    const calls = Float64Array.from({ length: below(9) }, () => (below(9) === 0 ? one([NaN, -1, 0.5]) : below(40)));
    const number = attempt(() => session.note(...shaken([calls])));
    if (number === undefined) return "refused";
    session.lists = number + 1;
    return "registered";
  }
  if (what === 15)
    return attempt(() => session.runList(...shaken([below(session.lists + 1), below(FLOATS)], 40)), "ran") ?? "refused";
  const number = below(12) === 0 ? below(1e6) : below(session.calls + 1);
  const place = below(30) === 0 ? below(2 ** 33) : below(FLOATS);
  return attempt(() => session.run(...shaken([number, place, one([0, 1, 7, 0.5, 2 ** 32])], 40)), "ran") ?? "refused";
}

for (let i = 0; i < Number(count); i++) tally[call()]++;
console.log(JSON.stringify(tally));
if (Math.min(...Object.values(tally)) < Number(count) / 200)
  throw new Error("one kind of call hardly came: the fuzzing proves little");
