// `deltaprop gradients MODEL --inputs X.npy --labels y.npy --out G.safetensors`: every number of one step, to compare.
import { type Command, Option } from "commander";
import { readBytes } from "../data/disk-files.ts";
import { readNpy } from "../data/formats/npy.ts";
import type { Session } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { layerTensors } from "../files/model/model-file.ts";
import { encodeSafetensors, type Tensor } from "../files/model/safetensors.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { type Floats, packGradients } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import { meanOf } from "../training/metrics.ts";
import type { Model } from "../training/model.ts";
import { decimal, list } from "./arguments.ts";
import { addForce, addMachine, addModel, type MachineFlags, type ModelFlags } from "./command-options.ts";
import { openModel } from "./inputs.ts";
import { print, printJson } from "./program.ts";

type Flags = MachineFlags &
  ModelFlags &
  Overwrite & {
    readonly inputs: string;
    readonly labels?: string;
    readonly targets?: string;
    readonly out: string;
    readonly labelSmoothing?: number;
    readonly classWeights?: number[];
    readonly json?: true;
  };

const NAMES = `
The file holds, for the B rows as one mini-batch (l = 1 … L counts layers as the note does, N = l − 1 as PyTorch does):
  loss                 []      mean of losses
  losses               [B]     loss of each row, with natural logarithms
  inputs               [B×D]   input of the first layer
  inputs.delta         [B×D]   ∂losses_i/∂inputs = δ^1 W_1ᵀ, not divided by B
  logits               [B×C]   z_L
  delta.l              [B×H]   δ^l = ∂losses_i/∂z_l, not divided by B
  layers.N.weight.grad [O×I]   ∂loss/∂W
  layers.N.bias.grad   [O]     ∂loss/∂b
Of a model of numbers or labels --targets are rows [B×T] as the loss takes them: numbers as its target_scaling has them.
losses and loss are F64; the others F32, or F64 with --engine reference-float64.
Float inputs are given to the first layer as they are; uint8 inputs are divided as the model's scaling says.`;

export function registerGradients(program: Command): void {
  const command = addModel(
    program
      .command("gradients")
      .description("loss, logits, every delta and every gradient of one batch, as a safetensors file"),
  )
    .requiredOption("--inputs <file>", "NPY [B×D]")
    .option("--labels <file>", "NPY [B], class indices")
    .option(
      "--targets <file>",
      "NPY [B×C], probability rows; where given, they and not the labels make the loss; of numbers or labels [B×T]",
    )
    .requiredOption("--out <file>", "safetensors to write");
  addForce(command)
    .addOption(
      new Option("--label-smoothing <x>", "as in training (default: 0)").argParser(
        decimal("--label-smoothing", "a number in [0, 1)", (x) => x >= 0 && x < 1),
      ),
    )
    .addOption(
      new Option("--class-weights <w>", "one number a class").argParser(
        list(decimal("--class-weights", "numbers ≥ 0 with commas between", (x) => x >= 0)),
      ),
    );
  addMachine(command);
  command.option("--json", "print the loss as a JSON object").addHelpText("after", NAMES).action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
  await refuseTaken(flags.out, flags);
  const { model } = await openModel(path, flags);
  const { network } = model;
  const [D, C] = [network.layers[0]!, network.layers.at(-1)!];
  const inputs = await readMatrix(flags.inputs, D, "features");
  const B = inputs.values.length / D;
  const { loss } = model;
  const some = flags.targets !== undefined || (flags.labels !== undefined && loss === undefined);
  must(some, "gradients", loss ? "given --targets" : "given --labels or --targets", "neither");
  must(loss === undefined || flags.labels === undefined, "--labels", `left out with ${loss?.name}`, flags.labels);
  must(loss === undefined || !flags.classWeights, "--class-weights", `left out with ${loss?.name}`, flags.classWeights);
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels, B, C);
  const T = loss ? model.classes.length : C;
  const what = loss ? "targets" : "classes";
  const targets = flags.targets === undefined ? undefined : floats(await readMatrix(flags.targets, T, what, B));
  const session = await chooseEngine(flags.engine).open({
    network,
    batchSize: B,
    inputDelta: true,
    ...entering(model, inputs.values),
    labels,
    targets,
    loss,
    labelSmoothing: flags.labelSmoothing,
    classWeights: flags.classWeights,
    threads: flags.threads,
  });
  try {
    session.writeParameters(model.parameters);
    const step = await session.gradients(Uint32Array.from({ length: B }, (_, i) => i));
    const { losses } = step;
    const tensors = stepTensors(network, step);
    const metadata = new Map([["engine", session.engine]]);
    await writeDurably(flags.out, encodeSafetensors({ tensors, metadata }));
    if (flags.json) printJson({ event: "done", loss: meanOf(losses), rows: B, engine: session.engine, out: flags.out });
    else
      print(
        `loss ${meanOf(losses)} over ${B} rows; ${tensors.size} tensors in ${flags.out} (engine ${session.engine})`,
      );
  } finally {
    await session.close();
  }
}

type BatchStep = Awaited<ReturnType<Session["gradients"]>>;

/** Every result of one step, by the names listed in NAMES. */
function stepTensors(network: Network, { losses, layers, inputDelta }: BatchStep): Map<string, Tensor> {
  const matrix = (values: Floats): Tensor => ({ shape: [losses.length, values.length / losses.length], values });
  return new Map<string, Tensor>([
    ["loss", { shape: [], values: Float64Array.of(meanOf(losses)) }],
    ["losses", { shape: [losses.length], values: losses }],
    ["inputs", matrix(layers[0]!.input)],
    ["inputs.delta", matrix(inputDelta!)],
    ["logits", matrix(layers.at(-1)!.output)],
    ...layers.map(({ delta }, l) => [`delta.${l + 1}`, matrix(delta)] as const),
    ...layerTensors(network, packGradients(layers), ".grad"),
  ]);
}

/** The input of the first layer: floats unchanged, bytes divided as the model's scaling says. */
function entering({ scaling }: Model, values: ReturnType<typeof readNpy>["values"]) {
  if (values instanceof Uint8Array) return { features: values, divisor: scaling.kind === "divide" ? scaling.by : 1 };
  return { features: floats({ values }) };
}

function floats({ values }: { values: ReturnType<typeof readNpy>["values"] }): Floats {
  return values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values);
}

async function readMatrix(file: string, cols: number, what: string, rows?: number) {
  const npy = readNpy(await readBytes(file), file);
  const expected = `[${rows ?? "B"} × ${cols}], as the model has ${cols} ${what}`;
  const ok =
    npy.shape.length === 2 &&
    npy.shape[1] === cols &&
    (rows === undefined ? npy.shape[0]! >= 1 : npy.shape[0] === rows);
  must(ok, "its shape", expected, npy.shape, "", { file });
  const bad = npy.values.findIndex((value) => !Number.isFinite(Math.fround(value)));
  must(bad < 0, `element [${Math.floor(bad / cols)}, ${bad % cols}]`, "a finite float32 number", npy.values[bad], "", {
    file,
  });
  return npy;
}

async function readLabels(file: string, rows: number, C: number): Promise<Int32Array> {
  const { shape, values } = readNpy(await readBytes(file), file);
  must(shape.length === 1 && shape[0] === rows, "its shape", `[${rows}], one class a row of --inputs`, shape, "", {
    file,
  });
  const bad = values.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value < C));
  must(bad < 0, `element ${bad}`, `a class in [0, ${C})`, values[bad], "", { file });
  return Int32Array.from(values);
}
