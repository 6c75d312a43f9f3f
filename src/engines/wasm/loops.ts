// Shorthand over assembler.ts for the loops and address arithmetic of the kernels.
import {
  doWhile,
  type I32,
  i32,
  type Local,
  type NewLocal,
  type Statement,
  select,
  type Type,
  when,
} from "./assembler.ts";

export const number = i32.const;
export const sum = (first: I32, ...rest: readonly I32[]): I32 => rest.reduce(i32.add, first);
export const times = i32.mul;
/** The smaller of two unsigned numbers. */
export const least = (a: I32, b: I32): I32 => select(i32.ltU(a, b), a, b);
export const advance = (variable: Local<"i32">, step: I32): Statement => variable.set(i32.add(variable, step));

/** while (pointer < end) body, unsigned. */
export const whileBelow = (pointer: Local<"i32">, end: I32, body: readonly Statement[]): readonly Statement[] => [
  when(i32.ltU(pointer, end), [doWhile(body, i32.ltU(pointer, end))]),
];

/** for (variable = from; variable < to; variable += step), unsigned. The body must not change `to` or `step`. */
export const each = (
  variable: Local<"i32">,
  from: I32,
  to: I32,
  step: I32,
  body: readonly Statement[],
): readonly Statement[] => [variable.set(from), ...whileBelow(variable, to, [...body, advance(variable, step)])];

type Tuple<T, N extends number, A extends T[] = []> = A["length"] extends N ? A : Tuple<T, N, [...A, T]>;

/** `count` new locals: `const [i, end] = several(local, "i32", 2)`. */
export const several = <T extends Type, N extends number>(local: NewLocal, type: T, count: N) =>
  Array.from({ length: count }, () => local(type)) as Tuple<Local<T>, N>;

/** The parameters of a function that takes `count` i32 values. */
export const i32s = <N extends number>(count: N) => Array(count).fill("i32") as Tuple<"i32", N>;
