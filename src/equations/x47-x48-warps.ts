// X47 and X48: the pixels of a distorted image against a sum over all pixels of the image, in float64; and an image
// that is not moved, against its stored numbers.
import { defineNetwork } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import { COEFFICIENTS } from "../network/plan.ts";
import { fieldFloats, WARP_NUMBER, WARP_NUMBERS, type WarpForm } from "../network/warp.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { widened } from "./ball.ts";
import { type Evidence, EXACT, type Row } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

export const WARP_ROWS: readonly Row[] = [
  {
    id: "X47",
    section: "X",
    latex: String.raw`x_{p} = \sum_q I_q\,\Lambda(u_p - q_x)\,\Lambda(v_p - q_y) + s\,n_p,\qquad \binom{u_p}{v_p} = A p + c + e\,d_p,\quad \Lambda(t) = \max(0, 1 - |t|)`,
    text: "x_p = Σ_q I_q Λ(u_p − q_x) Λ(v_p − q_y) + s·n_p, (u_p, v_p) = A p + c + e·d_p",
    remark: "Pixels between pixels (Simard, Steinkraus and Platt, 2003): bilinear, with a background beyond the image.",
    check: (evidence) => warped(evidence, FORMS, distorted, "against sums over all pixels", sumOverPixels),
  },
  {
    id: "X48",
    section: "X",
    latex: String.raw`A = 1,\ c = 0,\ e = s = 0\ \Rightarrow\ x = I`,
    text: "A = 1, c = 0, e = s = 0 ⇒ x = I",
    remark: "An image that is not moved is read as it is stored.",
    check: (evidence) => warped(evidence, FORMS, still, "left in place, against its stored numbers", stored),
  },
];

const FORMS: readonly WarpForm[] = [
  { width: 5, height: 4, channels: 1, fill: 0.25, fieldSize: 8 },
  { width: 3, height: 2, channels: 3, fill: 0, fieldSize: 4 },
];
const EXAMPLES = 5;

/** An image, its numbers and the fields of a step, all in the implementation's floats. */
type Bent = {
  readonly form: WarpForm;
  readonly image: Float64Array;
  readonly numbers: Float64Array;
  readonly fields: Float32Array;
};
type Expected = { readonly v: number; readonly e: number };

async function warped(
  { implementation, seed }: Evidence,
  forms: readonly WarpForm[],
  numbersOf: (random: Random, form: WarpForm) => Float64Array,
  what: string,
  expected: (bent: Bent, pixel: number, channel: number, u: number) => Expected,
): Promise<Comparison[]> {
  if (!implementation.distorts) return [];
  const { roundoff } = implementation.precision;
  const store = (x: number) => (roundoff > 2 ** -50 ? Math.fround(x) : x);
  const comparisons: Comparison[] = [];
  for (const [f, form] of forms.entries()) {
    const random = new Random(seed, PURPOSE.check, 5100 + f);
    const D = form.width * form.height * form.channels;
    const features = Float64Array.from({ length: EXAMPLES * D }, () => store(random.uniform()));
    const fields = Float32Array.from({ length: 3 * fieldFloats(form) }, () => random.normal());
    const numbers = new Float64Array(EXAMPLES * WARP_NUMBERS);
    for (let i = 0; i < EXAMPLES; i++) numbers.set(numbersOf(random, form).map(store), i * WARP_NUMBERS);
    const network = defineNetwork([D, 2]);
    const problem = await implementation.open({
      network,
      features,
      batchSize: EXAMPLES,
      labels: new Int32Array(EXAMPLES),
      warp: form,
      parameters: Float64Array.from(initialize(network, "he", 1)),
    });
    const order = Uint32Array.from({ length: EXAMPLES }, (_, i) => i);
    const { input } = await problem.step(order, new Float64Array(COEFFICIENTS), { numbers, fields });
    await problem.close();
    const size = `${form.width}×${form.height}×${form.channels}`;
    const tally = new Tally(`images of ${size} ${what}`, what.includes("stored") ? EXACT : BOUND);
    for (let i = 0; i < EXAMPLES; i++) {
      const image = features.subarray(i * D, (i + 1) * D);
      const own = numbers.subarray(i * WARP_NUMBERS, (i + 1) * WARP_NUMBERS);
      for (let j = 0; j < D; j++) {
        const c = j % form.channels;
        const { v, e } = expected({ form, image, numbers: own, fields }, (j - c) / form.channels, c, roundoff);
        tally.add(`x[${j}] of example ${i}`, input[i * D + j]!, v, e);
      }
    }
    comparisons.push(tally.done());
  }
  return comparisons;
}

const BOUND = "the rounding of u and v times the image's range, and of the two means, as each is written";

function distorted(random: Random, { fieldSize, width }: WarpForm): Float64Array {
  const n = new Float64Array(WARP_NUMBERS);
  const near = (x: number) => x + 0.2 * random.normal();
  n.set([near(1), near(0), near(1.5), near(0), near(1), near(0.5), 0.6, 0.1]);
  n[WARP_NUMBER.windowX] = random.integer(fieldSize);
  n[WARP_NUMBER.windowY] = random.integer(fieldSize);
  n.set([1, Math.min(3, width), 0, 1], WARP_NUMBER.eraseLeft);
  return n;
}

function still(): Float64Array {
  const n = new Float64Array(WARP_NUMBERS);
  for (const name of ["ux", "u0", "vy", "v0"] as const) n[WARP_NUMBER[name]] = 1;
  return n;
}

const stored = ({ form, image }: Bent, pixel: number, c: number): Expected => ({
  v: image[pixel * form.channels + c]!,
  e: 0,
});

/** The definition: every pixel of the image with the weight Λ·Λ of its distance, the background with what is left. */
function sumOverPixels({ form, image, numbers, fields }: Bent, pixel: number, c: number, unit: number): Expected {
  const { width, height, channels, fill, fieldSize } = form;
  const n = (name: keyof typeof WARP_NUMBER) => numbers[WARP_NUMBER[name]]!;
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  if (y >= n("eraseTop") && y < n("eraseBottom") && x >= n("eraseLeft") && x < n("eraseRight"))
    return { v: fill, e: 0 };
  const at = (n("windowY") + y) * (fieldSize + width) + n("windowX") + x;
  const field = (plane: number) => fields[plane * fieldFloats(form) + at]!;
  // the image's first pixel has (1, 1)
  const u = n("ux") * x + n("uy") * y + n("u0") + n("elastic") * field(0) - 1;
  const v = n("vx") * x + n("vy") * y + n("v0") + n("elastic") * field(1) - 1;
  const tent = (t: number) => Math.max(0, 1 - Math.abs(t));
  let [sum, weight] = [0, 0];
  let [least, most] = [fill, fill];
  for (let q = 0; q < width * height; q++) {
    const own = tent(u - (q % width)) * tent(v - Math.floor(q / width));
    const value = image[q * channels + c]!;
    sum += own * value;
    weight += own;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const noise = n("noise") * field(2);
  const terms = (a: number, b: number, d: number, plane: number) =>
    Math.abs(a * x) + Math.abs(b * y) + Math.abs(d) + Math.abs(n("elastic") * field(plane)) + 1;
  const moved = terms(n("ux"), n("uy"), n("u0"), 0) + terms(n("vx"), n("vy"), n("v0"), 1);
  const e =
    6 * unit * moved * (most - least) + 8 * unit * (Math.max(Math.abs(least), Math.abs(most)) + Math.abs(noise));
  return { v: sum + (1 - weight) * fill + noise, e: widened(e + 2 ** -48) };
}
