// The lessons: each has set-ups that show one effect within seconds, three sentences, and its equations.
import { DEFAULT_SETUP, type StudioSetup, type ViewName, writeAddress } from "../state/setup.ts";

/** A run of a lesson; the first shows the effect, the others are for comparison. */
export type LessonRun = { readonly name: string; readonly setup: StudioSetup };

export type Lesson = {
  readonly key: string; //                                      in the address
  readonly title: string;
  readonly sentences: readonly [string, string, string]; //     instruction, observation, reason
  readonly view: ViewName; //                                   that shows it
  readonly equations: readonly string[];
  readonly runs: readonly LessonRun[];
};

const run = (name: string, changes: Partial<StudioSetup>): LessonRun => ({
  name,
  setup: { ...DEFAULT_SETUP, ...changes },
});

const memory = {
  rows: 500,
  hidden: [256, 256],
  optimizer: "adam",
  learningRate: 0.001,
  batchSize: 32,
  epochs: 30,
} as const;
const adam = { optimizer: "adam", epochs: 3 } as const;
const deep = { hidden: [64, 64, 64, 64, 64, 64], epochs: 5 } as const;
const symmetric = { hidden: [32], activation: "sigmoid", learningRate: 1, epochs: 5 } as const;
const small = { hidden: [64], learningRate: 0.02, epochs: 5, rows: 9984 } as const; // 39 · 256: no smaller last batch

export const LESSONS: readonly Lesson[] = [
  {
    key: "rate-too-high",
    title: "A learning rate that is too high",
    sentences: [
      "Press play: with η = 2 the run stops after some ten steps, because a number has become infinite.",
      "Then take η = 0.1 and play again: the same network, from the same weights, reads nearly every digit.",
      "The gradient says which way is down only from where one stands; a step that is too long lands higher up, where the next gradient is longer still.",
    ],
    view: "train",
    equations: ["E35", "E37"],
    runs: [run("η = 2", { learningRate: 2 }), run("η = 0.1", {})],
  },
  {
    key: "dead-relus",
    title: "Dead ReLUs",
    sentences: [
      "Press play and look at the dead units: with Adam and η = 0.3 the first steps push nearly all of them below zero, for every example, and the loss comes to rest near ln 10 = 2.303.",
      "Where σ(z) is 0, σ′(z) is 0 too, so δ is 0 and so is every gradient: nothing can bring a dead unit back.",
      "Leaky ReLU has the slope 0.01 there: with the same η the run is rough, but no unit dies and it goes on learning; with η = 0.001 ReLU does well too.",
    ],
    view: "watch",
    equations: ["E15", "E17", "E22"],
    runs: [
      run("ReLU, η = 0.3", { ...adam, learningRate: 0.3 }),
      run("leaky ReLU, η = 0.3", { ...adam, learningRate: 0.3, activation: "leaky-relu" }),
      run("ReLU, η = 0.001", { ...adam, learningRate: 0.001 }),
    ],
  },
  {
    key: "why-one-over-b",
    title: "Why 1/B",
    sentences: [
      "Play the first run: 128 examples a step, η = 0.02, and the gradient is their mean.",
      "Then play the sum: leaving out 1/B makes each step 128 times as long, which is the same as η = 2.56, and the run falls apart.",
      "With the mean, η means the same for every batch size; the product σ(z)ᵀδ has already summed, so one division is all that is left to do.",
    ],
    view: "train",
    equations: ["E35", "E36", "E37"],
    runs: [
      run("the mean, η = 0.02", { batchSize: 128, learningRate: 0.02, epochs: 5 }),
      run("the sum, η = 128 · 0.02", { batchSize: 128, learningRate: 2.56, epochs: 5 }),
    ],
  },
  {
    key: "batch-size-and-noise",
    title: "Batch size against noise",
    sentences: [
      "Play with B = 2 and look at the band around the curve: each step sees two examples, so its loss and its gradient jump about.",
      "Then play with B = 256, which lies over it: the band is narrow, yet after the same number of examples it has come less far, because it took 128 times fewer steps.",
      "The variance of the mean of B gradients falls as 1/B: noise is what a cheap step costs.",
    ],
    view: "train",
    equations: ["E35"],
    runs: [run("B = 2", { ...small, batchSize: 2 }), run("B = 256", { ...small, batchSize: 256 })],
  },
  {
    key: "zero-and-symmetry",
    title: "All weights zero, all units alike",
    sentences: [
      "Play, then look at the weights of the first layer: its 32 units are one and the same picture, and stay so.",
      "They started equal, so they got equal δ and equal gradients, step after step: thirty-two units that are worth one.",
      "Take random weights instead: the units part at the first step, and the same network learns to read.",
    ],
    view: "watch",
    equations: ["E9", "E17", "E22"],
    runs: [
      run("zero", { ...symmetric, initialization: "zero" }),
      run("random", { ...symmetric, initialization: "glorot" }),
    ],
  },
  {
    key: "sigmoid-saturation",
    title: "Sigmoids that saturate",
    sentences: [
      "Play: six hidden layers of sigmoids stay at chance, one in ten, and the loss at ln 10.",
      "Look at the gradient of each layer: σ′ = σ(1 − σ) is at most 1/4 and nearly 0 where a unit saturates, so every layer that δ goes down through takes most of it away.",
      "Take ReLU in the same network: its slope is 1 wherever a unit is on, the first layer gets its share of the gradient, and the network learns.",
    ],
    view: "watch",
    equations: ["E15", "E17", "E20"],
    runs: [run("sigmoid", { ...deep, activation: "sigmoid" }), run("ReLU", deep)],
  },
  {
    key: "random-labels",
    title: "Learning nonsense by heart",
    sentences: [
      "Play: 500 pictures whose labels were drawn at random, so that there is nothing to understand.",
      "The training accuracy still climbs to 100 %, while on new pictures the network guesses: one in ten.",
      "A low training loss proves that there are enough weights, not that something was learnt; take the true labels, and the same run reads new pictures too.",
    ],
    view: "train",
    equations: ["E2"],
    runs: [run("random labels", { ...memory, randomLabels: true }), run("true labels", memory)],
  },
];

export const lessonOf = (key: string): Lesson | undefined => LESSONS.find((lesson) => lesson.key === key);

/** The address of a lesson's run, for a link. */
export const addressOf = ({ key, view }: Lesson, { setup }: LessonRun): string =>
  writeAddress({ setup, view, lesson: key });
