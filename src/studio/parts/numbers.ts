// Numbers as the page writes them: few digits, a real minus sign, separators every three digits.

/** About three significant digits: 0.0312, −1.25e−7, 12,345. */
export function shortNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-4
      ? value.toExponential(digits - 1).replace("e+", "e")
      : size >= Math.min(1000, 10 ** digits)
        ? Math.round(value).toLocaleString("en")
        : value.toPrecision(digits);
  return text.replaceAll("-", "−");
}

export const whole = (value: number): string => value.toLocaleString("en");
export const percentText = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
export const pluralText = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`;
