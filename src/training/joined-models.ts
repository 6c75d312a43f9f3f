// An ensemble as one model. The mean of the members' outputs z_L is itself a network: their layers lie beside each
// other, W_l in blocks with 0 between, and the last layer adds them up by 1/K. So every command, export and page that
// takes a model takes an ensemble.
import { must } from "../errors.ts";
import { defineNetwork } from "../network/network.ts";
import { packedLayers } from "../network/parameters.ts";
import { checkModel, type Model } from "./model.ts";

/**
 * One model whose outputs z_L are the mean of those of K members, so its probabilities are the normalised geometric
 * mean of theirs; of numbers it is the mean of their answers. The members have the same layers, scaling, classes and
 * loss. K·H units a hidden layer: a forward pass takes as long as a network of that width. Raises InvalidInput.
 */
export function joinModels(members: readonly Model[]): Model {
  const list = Array.isArray(members) && members.length >= 2 && members.length <= 1000;
  must(list, "members", "a list of 2 to 1000 models", members);
  for (const member of members) checkModel(member);
  const first: Model = members[0]!;
  for (const [k, member] of members.entries()) mustBeAlike(first, member, k);
  const K = members.length;
  const { layers, activation, layerNorm, residual } = first.network;
  must(
    !layerNorm,
    "members[0].network.layerNorm",
    "left out: units of several members would be normalized together",
    true,
  );
  const last = layers.length - 2;
  const wide = layers.map((size, l) => (l === 0 || l > last ? size : K * size));
  const network = defineNetwork(wide, activation, residual ? { residual } : {});
  const packed = packedLayers(network);
  const parameters = new Float32Array(packed.at(-1)!.b + layers.at(-1)!);
  packedLayers(first.network).forEach(({ inputs, outputs, W, b }, l) => {
    const to = packed[l]!;
    for (const [k, { parameters: own }] of members.entries()) {
      const row = l === 0 ? 0 : k * inputs; //     of the block of member k
      const column = l === last ? 0 : k * outputs;
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++) {
          const at = to.W + (row + i) * to.outputs + column + o;
          parameters[at] = l < last ? own[W + i * outputs + o]! : parameters[at]! + own[W + i * outputs + o]! / K;
        }
      for (let o = 0; o < outputs; o++) parameters[to.b + column + o]! += l < last ? own[b + o]! : own[b + o]! / K;
    }
  });
  const { temperature: _, privacy: __, ...about } = first;
  return { ...about, network, parameters };
}

function mustBeAlike(first: Model, member: Model, k: number): void {
  const same = (what: string, of: (model: Model) => unknown) => {
    const [wanted, found] = [of(first), of(member)].map((value) => JSON.stringify(value));
    must(wanted === found, `${what} of members[${k}]`, `that of members[0], ${short(wanted)}`, short(found));
  };
  same("the network", ({ network }) => network);
  same("the scaling", ({ scaling }) => scaling);
  same("the classes", ({ classes }) => classes);
  same("the loss", ({ loss }) => loss ?? null);
  same("the scaling of the targets", ({ targetScaling }) => targetScaling ?? null);
  const what = `members[${k}].temperature`;
  must(member.temperature === undefined, what, "left out: a temperature is of one model alone", member.temperature);
  must(member.privacy === undefined, `members[${k}].privacy`, "left out: each member spends its own", member.privacy);
}

const short = (text: string | undefined): string => {
  const shown = text ?? "none";
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
};
