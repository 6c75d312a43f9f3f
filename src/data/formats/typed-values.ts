// What typed formats have and JSON has not: dates, counts of a part of a second, decimals and half numbers.

/** A date as ISO 8601 has it: without a time where that is midnight. */
export function isoText(date: Date): string | null {
  if (Number.isNaN(date.getTime())) return null;
  return date
    .toISOString()
    .replace(/T00:00:00\.000Z$/, "")
    .replace(/(?:\.000)?Z$/, "");
}

/** A count of units since 1970 as ISO 8601, all its digits kept. */
export function moment(value: bigint, unit: bigint): string | null {
  const seconds = value / unit - (value % unit < 0n ? 1n : 0n);
  const rest = value - seconds * unit;
  const whole = isoText(new Date(Number(seconds) * 1000));
  if (whole === null || rest === 0n) return whole;
  const digits = String(rest)
    .padStart(String(unit).length - 1, "0")
    .replace(/0+$/, "");
  return `${whole.includes("T") ? whole : `${whole}T00:00:00`}.${digits}`;
}

/** The number that its decimal text is. */
export function decimal(value: number | bigint | Uint8Array, scale: number): number {
  let whole = 0n;
  if (value instanceof Uint8Array) {
    for (const byte of value) whole = whole * 256n + BigInt(byte);
    whole = BigInt.asIntN(8 * value.length, whole);
  } else whole = BigInt(value);
  return Number(`${whole}e-${scale}`);
}

export function float16([low = 0, high = 0]: Uint8Array): number {
  const sign = high & 128 ? -1 : 1;
  const exponent = (high >> 2) & 31;
  const fraction = (((high & 3) << 8) | low) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction));
}
