// Numbers as the page writes them: few digits, a real minus sign, the visitor's decimal sign and separators.
import { computed } from "@preact/signals";
import { locale } from "../language/words.ts";

const wholes = computed(() => new Intl.NumberFormat(locale.value));
const decimalSign = computed(
  () => wholes.value.formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".",
);

/** A number's text with the visitor's decimal sign in place of the point. */
export const localText = (text: string): string => text.replace(".", decimalSign.value);

/** What a visitor typed as a number, with a point in place of the decimal sign. */
export const typedText = (text: string): string => text.replace(decimalSign.value, ".");

/** About three significant digits: 0.0312, −1.25e−7, 12,345. */
export function shortNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-4
      ? localText(value.toExponential(digits - 1).replace("e+", "e"))
      : size >= Math.min(1000, 10 ** digits)
        ? whole(Math.round(value))
        : localText(value.toPrecision(digits));
  return text.replaceAll("-", "−");
}

/** So many digits behind the decimal sign. */
export const fixedNumber = (value: number, digits: number): string => localText(value.toFixed(digits));

export const whole = (value: number): string => wholes.value.format(value);
export const percentText = (share: number, digits = 1): string => `${fixedNumber(100 * share, digits)} %`;
