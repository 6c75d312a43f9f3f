// Text from the command line to numbers, strictly: what JavaScript would also take for a number (hex, "", " 1",
// Infinity, 1e2 for a count) is refused, and the option is named.
import { processors } from "../engines/worker-host.ts";
import { must } from "../errors.ts";
import { warn } from "./program.ts";

const WHOLE = /^[0-9]{1,16}$/;
const DECIMAL = /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/;

/** A parser of decimal integers in [low, high]. */
export function wholeNumber(option: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = WHOLE.test(text) ? Number(text) : Number.NaN;
    must(value >= low && value <= high, option, `an integer in [${low}, ${high}]`, text);
    return value;
  };
}

/** A parser of decimal fractions such as 0.1 or 1e-3 that are `expected`, i.e. satisfy `ok`. */
export function decimal(option: string, expected: string, ok: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
    must(Number.isFinite(value) && !Object.is(value, -0) && ok(value), option, expected, text);
    return value;
  };
}

/** A parser of comma-separated values, each read by `item`. */
export function list<T>(item: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(",").map(item);
}

export const layerSize = (option: string) => wholeNumber(option, 1, 1 << 20);
export const seedNumber = (option: string) => wholeNumber(option, 0, Number.MAX_SAFE_INTEGER);

/** Threads that compute; more than the processors would wait for each other: warned, and as many as there are. */
export function threadCount(option: string): (text: string) => number {
  const parse = wholeNumber(option, 1, 256);
  return (text) => {
    const asked = parse(text);
    const most = processors();
    if (asked <= most) return asked;
    const given = most === 1 ? "1 processor" : `${most} processors`;
    warn(
      `${option} ${asked}: there are ${given} here; more threads are only slower. ${most} compute, to the same bits.`,
    );
    return most;
  };
}
