// What happened to the pictures of a data set, told once for all of them: notes of what was found, warnings of what
// will mislead.
import { show } from "../../errors.ts";
import type { PictureForm, PictureOptions, PictureSize } from "./picture-form.ts";
import { channelsOf, type Facts, type RowForm } from "./to-row.ts";

const MOST_NAMES = 3;
const OPPOSITE = 128; //     bytes between the borders of dark ink on light and of light ink on dark
const SAME_GROUND = 48; //   the largest deviation of the borders of a set whose ink is of one kind
const DIFFERENT = 24; //     bytes between the mean colors of two classes that a person tells apart

const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

export function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

export class PictureTally {
  #pictures = 0;
  #resized = 0;
  #fitted = 0;
  #colored = 0;
  #onWhite = 0;
  #onBlack = 0;
  #border = 0;
  #square = 0;
  #dark = 0;
  readonly #blank: string[] = [];
  readonly #bad: string[] = [];
  readonly #classes = new Map<number, { n: number; sums: [number, number, number] }>();

  add(path: string, label: number, facts: Facts): void {
    const { resized, fitted, inColor, ground, blank, border, mean } = facts;
    this.#pictures++;
    this.#resized += Number(resized);
    this.#fitted += Number(fitted);
    this.#colored += Number(inColor);
    this.#onWhite += Number(ground === "white");
    this.#onBlack += Number(ground === "black");
    this.#border += border;
    this.#square += border * border;
    this.#dark += Number(border < 128);
    if (blank) this.#blank.push(path);
    const of = this.#classes.get(label) ?? { n: 0, sums: [0, 0, 0] };
    this.#classes.set(label, of);
    of.n++;
    for (let c = 0; c < 3; c++) of.sums[c]! += mean[c]!;
  }

  /** A picture that was left out. */
  skip(path: string): void {
    this.#bad.push(path);
  }

  /** Rounded to hundredths: the numbers go into a model's file. */
  get border(): PictureForm["border"] {
    const mean = this.#border / this.#pictures;
    const deviation = Math.sqrt(Math.max(0, this.#square / this.#pictures - mean * mean));
    const hundredths = (x: number) => Math.round(100 * x) / 100;
    return { mean: hundredths(mean), deviation: hundredths(deviation) };
  }

  /** `origin`: how the size was found, in words. */
  notes(form: RowForm, { color, fit }: PictureOptions, origin: string): string[] {
    const { width, height } = form;
    const of = form.color === "rgb" ? "in color (RGB)" : "in grey";
    const inner = [
      `${count(this.#pictures, "picture")} as ${width} × ${height} ${of}, ${origin}`,
      ...(this.#resized > 0 ? [`${this.#resized} resized`] : []),
      ...(this.#fitted > 0 ? [`${this.#fitted} of other proportions ${FITTED[form.fit]}${fit ? "" : ` (--fit)`}`] : []),
      ...(form.invert ? ["all inverted"] : []),
    ];
    const lost = this.#colored > 0 && form.color === "grey";
    const keep = color ? "" : "; --color rgb keeps the color";
    const more = [
      ...(lost ? [`${this.#colored} in color read as grey${keep}`] : []),
      ...(this.#onWhite > 0 ? [`${this.#onWhite} with transparency laid on white`] : []),
      ...(this.#onBlack > 0 ? [`${this.#onBlack} with light ink on transparency laid on black`] : []),
      ...(this.#bad.length > 0 ? [`${this.#bad.length} unreadable left out: ${some(this.#bad)}`] : []),
    ];
    return [`${inner.join(", ")}.`, ...(more.length > 0 ? [`${more.join("; ")}.`] : [])];
  }

  warnings(form: RowForm, classes: readonly string[]): string[] {
    const { deviation } = this.border;
    const warnings: string[] = [];
    if (this.#blank.length === this.#pictures)
      warnings.push(`Each of the ${this.#pictures} pictures is one flat color: no shape can be learned.`);
    else if (this.#blank.length > 0)
      warnings.push(`${count(this.#blank.length, "picture is", "pictures are")} blank: ${some(this.#blank)}.`);
    const few = Math.min(this.#dark, this.#pictures - this.#dark);
    if (deviation > OPPOSITE / 2 && few > 0 && this.#resemblesInk())
      warnings.push(
        `${few} of ${this.#pictures} pictures have ${this.#dark === few ? "a dark border, the others a light one" : "a light border, the others a dark one"}: are some inverted?`,
      );
    const pair = form.color === "grey" ? this.#tellByColor() : undefined;
    if (pair)
      warnings.push(
        `Classes ${pair.map((c) => show(classes[c])).join(" and ")} differ in color, and are nearly equal in grey. --color rgb keeps the color.`,
      );
    return warnings;
  }

  /** Whether borders are nearly all very dark or very light, as those of ink are and those of photographs are not. */
  #resemblesInk(): boolean {
    return this.#square - 255 * this.#border > -0.1 * 255 * 255 * this.#pictures;
  }

  /** Two classes whose mean colors differ much and whose mean greys do not. */
  #tellByColor(): readonly [number, number] | undefined {
    const means = [...this.#classes].map(([label, { n, sums }]) => {
      const [r, g, b] = sums.map((sum) => sum / n) as [number, number, number];
      return { label, grey: 0.299 * r + 0.587 * g + 0.114 * b, color: [r, g, b] };
    });
    means.sort((a, b) => a.grey - b.grey);
    for (let k = 1; k < means.length; k++) {
      const [a, b] = [means[k - 1]!, means[k]!];
      const apart = Math.max(...a.color.map((value, c) => Math.abs(value - b.color[c]!)));
      if (apart > DIFFERENT && b.grey - a.grey < apart / 8)
        return a.label < b.label ? [a.label, b.label] : [b.label, a.label];
    }
    return undefined;
  }
}

const FITTED = { pad: "filled up with their border", crop: "cut", stretch: "stretched" };

/**
 * What is odd about a picture that a model is asked about; `form` is of the pictures that it was trained on. `remedy`:
 * what to do about one that looks inverted, the command line's option by default.
 */
export function oddities(facts: Facts, form: PictureForm, remedy = optionFor(form)): string[] {
  const { width, height, color, border } = form;
  if (facts.blank) return ["blank, all pixels are one color."];
  const odd: string[] = [];
  const away = Math.abs(facts.border - border.mean);
  if (away > OPPOSITE && border.deviation < SAME_GROUND) {
    const [is, was] = facts.border > border.mean ? ["light", "dark"] : ["dark", "light"];
    odd.push(`its border is ${is}, that of the training's pictures ${was}: it looks inverted. ${remedy}`);
  }
  const size = `${facts.width} × ${facts.height}`;
  if (facts.fitted) odd.push(`its ${size} pixels were ${FITTED[form.fit]} to ${width} × ${height}.`);
  else if (facts.resized) odd.push(`its ${size} pixels were resized to ${width} × ${height}.`);
  if (facts.inColor && channelsOf(color) === 1) odd.push("it is in color, and was read as grey, as in training.");
  return odd;
}

const optionFor = ({ invert }: PictureForm) => (invert ? "--no-invert leaves it as it is." : "--invert turns it.");

export type Measured = PictureSize & { readonly origin: string };

const MOST_GREY = 64 * 64; // pixels by default: a first layer of 256 neurons then has 1 million weights
const MOST_RGB = 48 * 48;

/** The size for pictures of these sizes: the one all have, else the median, and never very many pixels. */
export function sizeOf(sizes: readonly PictureSize[], color: PictureForm["color"]): Measured {
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
  const width = median(sizes.map((size) => size.width));
  const height = median(sizes.map((size) => size.height));
  const one = sizes.every((size) => size.width === width && size.height === height);
  const most = color === "rgb" ? MOST_RGB : MOST_GREY;
  const origin = one ? "the size they have" : "the median size (--size)";
  if (width * height <= most) return { width, height, origin };
  const scale = Math.sqrt(most / (width * height));
  const less = (side: number) => Math.max(1, Math.floor(side * scale));
  const from = one ? `theirs is ${width} × ${height}` : `their median is ${width} × ${height}`;
  return { width: less(width), height: less(height), origin: `${from}; --size ${width}x${height} keeps it` };
}
