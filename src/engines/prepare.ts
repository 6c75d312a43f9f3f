// The door of every engine: a session's setup is checked here, once; then its memory is planned, taken and filled.
import { EngineUnavailable, EnvironmentFailure, must } from "../errors.ts";
import { OPTIMIZER_STATES, OPTIMIZERS } from "../gradients/kernels.ts";
import { checkLoss, lossParameters, lossTask, SOFTMAX, targetColumns } from "../network/losses.ts";
import { type Memory, viewMemory } from "../network/memory.ts";
import {
  ARITHMETICS,
  forwardRows,
  MOST_THREADS,
  type Plan,
  type PlanRequest,
  padded,
  planSession,
} from "../network/plan.ts";
import { checkNumberTargets, checkTargets, targetCoefficients } from "../network/targets.ts";
import { pairFloats } from "../network/warp.ts";
import { type Backend, bufferOf, type Store } from "./backend.ts";
import { type Features, featureBlocks, isRows, type Setup } from "./engine.ts";
import { atOnce, eachPiece, type Steps } from "./turns.ts";

/** A session's memory before its first step: data, labels and target coefficients in place, everything else zero. */
export type Prepared = { readonly plan: Plan; readonly memory: Memory; readonly store: Store };

/**
 * Check `setup`, plan its memory, take it from the backend and copy the data in.
 * Raises InvalidInput for a bad setup, EnvironmentFailure if there is not enough memory.
 */
export function prepare(backend: Backend, setup: Setup, threads: number, shared: boolean): Prepared {
  return atOnce(preparing(backend, setup, threads, shared));
}

/** prepare in steps. */
export function* preparing(backend: Backend, setup: Setup, threads: number, shared: boolean): Steps<Prepared> {
  const rows = checkSetup(setup);
  const { network, labels, targets } = setup;
  const request = requestOf(setup);
  const loss = request.loss!;
  const classifies = lossTask(loss) === "classify";
  if (request.arithmetic === "fused") refuseUnfused(backend);
  const { plan, memory, store } = allocateSession(backend, request, threads, shared);
  const { examples } = plan;
  let at = examples.features;
  const to = examples.form === "bytes" ? memory.bytes : memory.floats;
  for (let from = 0; isRows(setup.features) && from < rows; from += ROWS_READ) {
    const some = Uint32Array.from({ length: Math.min(ROWS_READ, rows - from) }, (_, i) => from + i);
    to.set(yield* setup.features.gathering(some), at + from * examples.cols);
  }
  for (const part of isRows(setup.features) ? [] : featureBlocks(setup.features)) {
    const first = at;
    yield* eachPiece(part.length, (from, end) => to.set(part.subarray(from, end), first + from));
    at += part.length;
  }
  if (labels) memory.integers.set(labels, examples.labels);
  if (targets && examples.soft !== undefined) memory.floats.set(targets, examples.soft);
  const { scale, shift } = targetCoefficients(
    examples.classes,
    setup.labelSmoothing,
    setup.classWeights,
    classifies ? examples.classes : 2,
    plan.batch.targets.cols - (!classifies && setup.weightedTargets ? 1 : 0),
  );
  memory.doubles.set(scale, examples.scale);
  memory.doubles.set(shift, examples.shift);
  if (!classifies) memory.doubles.set(lossParameters(loss, network.layers.at(-1)!), plan.batch.loss.parameters);
  return { plan, memory, store };
}

/** What the memory of a checked setup is planned from. */
export function requestOf(setup: Setup): PlanRequest {
  const { network, batchSize, optimizer = "sgd", targets, weightedTargets, divisor = 1, arithmetic = "exact" } = setup;
  const { inputDelta = false, exampleNorms = false, warp, mix, clipping, clipNorm, maxNorm, draws } = setup;
  const { frontScale, average } = setup;
  const rows = countRows(setup);
  const loss = checkLoss(setup.loss ?? SOFTMAX);
  return {
    network,
    batchSize,
    capacity: setup.capacity ?? rows,
    rows,
    arithmetic,
    states: OPTIMIZER_STATES[optimizer],
    form: formOf(setup),
    divisor,
    soft: targets !== undefined,
    loss,
    rowWeights: lossTask(loss) !== "classify" && weightedTargets,
    inputDelta,
    exampleNorms,
    warp,
    mix,
    clipping,
    clipNorm,
    draws,
    frontScale,
    average,
    maxNorm,
  };
}

/** A session's memory, all zero, taken from the backend. Raises EnvironmentFailure if there is not enough. */
export function allocateSession(backend: Backend, request: PlanRequest, threads: number, shared: boolean): Prepared {
  const image = request.warp ? padded(pairFloats(request.warp)) * 4 : 0;
  const scratchBytes = Math.max(image, backend.scratchBytes(request.network, forwardRows(request))) * threads;
  const plan = planSession({ ...request, scratchBytes }, backend.floatBytes);
  const store = take(() => backend.allocate(plan.bytes, shared), plan.bytes);
  return { plan, memory: viewMemory(bufferOf(store), backend.floatBytes), store };
}

const ROWS_READ = 4096; // at once

/** N, if the features are whole rows. */
export function countRows({ features, network }: Pick<Setup, "features" | "network">): number {
  if (isRows(features)) return features.rows;
  return featureBlocks(features).reduce((sum, part) => sum + part.length, 0) / network.layers[0]!;
}

function formOf({ features }: Setup): "bytes" | "floats" {
  if (isRows(features)) return features.form;
  return featureBlocks(features)[0] instanceof Uint8Array ? "bytes" : "floats";
}

/** Raises InvalidInput unless `order` holds 1 … `limit` row numbers in [0, rows). */
export function checkOrder(order: Uint32Array, limit: number, rows: number): void {
  must(order.length >= 1 && order.length <= limit, "order", `1 to ${limit} row numbers`, order.length);
  const bad = order.findIndex((row) => row >= rows);
  must(bad < 0, `order[${bad}]`, `a row in [0, ${rows})`, order[bad]);
}

function refuseUnfused({ name, missingFused }: Backend): void {
  const reason = missingFused ? missingFused() : "it rounds products and sums apart";
  if (reason !== undefined)
    throw new EngineUnavailable("ENGINE_UNAVAILABLE", `engine ${name} has no fused arithmetic here: ${reason}`);
}

function take(allocate: () => Store, bytes: number): Store {
  try {
    return allocate();
  } catch (cause) {
    const reason = `this run needs ${Math.ceil(bytes / 2 ** 20)} MiB of memory and could not get it. Use fewer examples, smaller layers or a smaller batch.`;
    throw new EnvironmentFailure("OUT_OF_MEMORY", reason, {}, { cause });
  }
}

/** Raises InvalidInput for a setup that cannot be. Returns N. */
export function checkSetup(setup: Setup): number {
  const { network, batchSize, room, divisor, labels, targets, optimizer, capacity, threads, arithmetic } = setup;
  const { clipping } = setup;
  const D = network.layers[0]!;
  const C = network.layers.at(-1)!;
  const parts: readonly Features[] = isRows(setup.features) ? [] : featureBlocks(setup.features);
  const bytes = parts.filter((part) => part instanceof Uint8Array).length;
  must(bytes === 0 || bytes === parts.length, "features", "bytes in every part or floats in every part", parts);
  const rows = countRows(setup);
  must(Number.isInteger(rows) && rows >= 1, "features", `a whole number of rows of ${D} values`, rows * D);
  must(
    Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= 65536,
    "batchSize",
    "an integer in [1, 65536]",
    batchSize,
  );
  must(room === undefined || room > 0, "room", "a number of bytes > 0", room);
  must(divisor === undefined || (divisor > 0 && Number.isFinite(divisor)), "divisor", "a finite number > 0", divisor);
  must(
    optimizer === undefined || OPTIMIZERS.includes(optimizer),
    "optimizer",
    `one of ${OPTIMIZERS.join(", ")}`,
    optimizer,
  );
  const alone = setup.frontScale === undefined || (!setup.inputDelta && !setup.exampleNorms && !setup.clipping);
  must(alone, "frontScale", "left out with inputDelta, exampleNorms and clipping", setup.frontScale);
  const { dropout = 0, inputDropout = 0, inputNoise = 0 } = setup.draws ?? {};
  must(dropout >= 0 && dropout < 1, "draws.dropout", "a number in [0, 1)", dropout);
  must(inputDropout >= 0 && inputDropout < 1, "draws.inputDropout", "a number in [0, 1)", inputDropout);
  must(inputNoise >= 0 && Number.isFinite(inputNoise), "draws.inputNoise", "a finite number ≥ 0", inputNoise);
  for (const name of ["clipNorm", "maxNorm", "frontScale"] as const)
    must(setup[name] === undefined || setup[name] > 0, name, "a number > 0", setup[name]);
  must(capacity === undefined || (Number.isInteger(capacity) && capacity >= 1), "capacity", "an integer ≥ 1", capacity);
  must(
    threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS),
    "threads",
    `an integer in [1, ${MOST_THREADS}]`,
    threads,
  );
  if (clipping) {
    const { norm, expected } = clipping;
    must(norm > 0 && Number.isFinite(norm), "clipping.norm", "a finite number > 0", norm);
    must(expected >= 1 && Number.isFinite(expected), "clipping.expected", "a number of rows ≥ 1", expected);
  }
  must(
    arithmetic === undefined || ARITHMETICS.includes(arithmetic),
    "arithmetic",
    `one of ${ARITHMETICS.join(", ")}`,
    arithmetic,
  );
  checkWarp(setup.warp, D);
  if (labels) {
    must(labels.length === rows, "labels", `${rows} class indices`, labels.length);
    const bad = labels.findIndex((y) => !(y >= 0 && y < C));
    must(bad < 0, `labels[${bad}]`, `a class in [0, ${C})`, labels[bad], `The network's last layer has ${C} outputs.`);
  }
  const loss = checkLoss(setup.loss ?? SOFTMAX);
  const task = lossTask(loss);
  if (task === "classify") {
    if (targets) checkTargets(targets, rows, C, setup.weightedTargets);
    return rows;
  }
  must(setup.classWeights === undefined, "classWeights", `left out with ${loss.name}`, setup.classWeights);
  must(
    task === "multilabel" || (setup.labelSmoothing ?? 0) === 0,
    "labelSmoothing",
    `0 with ${loss.name}, whose targets are numbers`,
    setup.labelSmoothing,
  );
  must(targets !== undefined, "targets", `rows of numbers for ${loss.name}`, targets);
  checkNumberTargets(targets, rows, targetColumns(loss, C), loss.name, setup.weightedTargets);
  return rows;
}

function checkWarp(warp: Setup["warp"], D: number): void {
  if (warp === undefined) return;
  const { width, height, channels, fill, fieldSize } = warp;
  for (const [name, value, least] of [
    ["width", width, 1],
    ["height", height, 1],
    ["channels", channels, 1],
    ["fieldSize", fieldSize, 0],
  ] as const)
    must(Number.isInteger(value) && value >= least && value <= 65536, `warp.${name}`, `${least} to 65536`, value);
  must(width * height * channels === D, "warp", `width × height × channels = ${D}, the inputs`, warp);
  must(Number.isFinite(Math.fround(fill)), "warp.fill", "a finite number", fill);
}
