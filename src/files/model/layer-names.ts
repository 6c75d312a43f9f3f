// The layers of a model file in their order, from the names and shapes of its tensors: our names, those of PyTorch's
// nn.Sequential, and those that people give (fc1, fc2, out), under any prefix.
import { InvalidInput, show } from "../../errors.ts";
import type { Tensor } from "./safetensors.ts";

type Tensors = ReadonlyMap<string, Tensor>;

const MOST_CHAINED = 64; // layers whose order is sought by their shapes

/** layers.0, layers.1, …: as many as there are pairs of tensors. `normalized`: all but the last have one of a norm. */
export function ourNames(tensors: Tensors, normalized = false): string[] {
  const count = normalized ? (tensors.size + 2) / 4 : tensors.size / 2;
  return Array.from({ length: Math.ceil(count) }, (_, l) => `layers.${l}`);
}

/**
 * The layers in `order`; else by their numbers where their names differ in a number alone (net.0, net.2; fc1, fc2);
 * else by their shapes, where these fit in one way only. Other names: those we write, so that the error names the
 * missing tensor. Raises InvalidInput where the order is open, and for an `order` of other names.
 */
export function plainNames(tensors: Tensors, order: readonly string[] | undefined, file: string | undefined): string[] {
  const found = [...tensors.keys()].map((name) => /\.(?:weight|bias)$/.exec(name)?.index ?? -1);
  const names = [...new Set([...tensors.keys()].map((name, t) => name.slice(0, Math.max(0, found[t]!))))];
  if (order) {
    const same = order.length === names.length && names.every((name) => order.includes(name));
    const reason = `the layers must be ${show(names)} in some order, got ${show(order)}.`;
    if (!same) throw new InvalidInput("BAD_MODEL", reason, { file, at: "header" });
    return [...order];
  }
  if (found.includes(-1) || tensors.size !== 2 * names.length) return ourNames(tensors);
  const numbered = names.map((name) => /^(.*?)([0-9]{1,9})([^0-9]*)$/s.exec(name));
  const [first] = numbered;
  if (first && numbered.every((match) => match?.[1] === first[1] && match?.[3] === first[3]))
    return names.toSorted((a, b) => numberOf(a) - numberOf(b));
  return chained(tensors, names, file);
}

const numberOf = (name: string) => Number(/([0-9]{1,9})[^0-9]*$/.exec(name)![1]);

/** The layers in the one order in which each takes as many inputs as the one before has outputs. */
function chained(tensors: Tensors, names: readonly string[], file: string | undefined): string[] {
  const shapes = names.map((name) => tensors.get(`${name}.weight`)?.shape ?? []);
  if (names.length > MOST_CHAINED || shapes.some(({ length }) => length !== 2)) return ourNames(tensors);
  const orders: number[][] = [];
  let tried = 0;
  const extend = (chain: readonly number[]): void => {
    if (orders.length > 1 || tried++ > 10_000) return;
    if (chain.length === names.length) orders.push([...chain]);
    const outputs = chain.length > 0 ? shapes[chain.at(-1)!]![0] : undefined;
    for (let l = 0; l < names.length; l++)
      if (!chain.includes(l) && (outputs === undefined || shapes[l]![1] === outputs)) extend([...chain, l]);
  };
  extend([]);
  if (orders.length === 1 && tried <= 10_000) return orders[0]!.map((l) => names[l]!);
  const why = orders.length === 0 ? "its layers do not fit in any order" : "its layers fit in more than one order";
  const reason = `${why}: ${show(names)}. Name them 0, 1, 2, … in their order, or give the order, first to last (--layer-order on the command line).`;
  throw new InvalidInput("BAD_MODEL", reason, { file, at: "header" });
}
