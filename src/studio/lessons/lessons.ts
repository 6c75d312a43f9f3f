// The lessons: each has set-ups that show one effect within seconds, three sentences, and its equations.
import { DEFAULT_SETUP, type StudioSetup, type ViewName, writeAddress } from "../state/setup.ts";

/** A run of a lesson; the first shows the effect, the others are for comparison. */
export type LessonRun = { readonly name: string; readonly setup: StudioSetup; readonly view?: ViewName };

/** Asked before the first run is played. */
export type Question = {
  readonly ask: string;
  readonly answers: readonly string[];
  readonly right: number; //   index of the true one
  readonly because: string; // what is seen
};

export type Lesson = {
  readonly key: string; //                                      in the address
  readonly title: string;
  readonly sentences: readonly string[]; //                     instruction, observation, reason
  readonly view: ViewName; //                                   that shows it
  readonly equations: readonly string[];
  readonly runs: readonly LessonRun[];
  readonly question?: Question | undefined;
};

/** The lesson's run that these settings are, or are trained on: the same but for more epochs. */
export function runOf({ runs }: Lesson, at: StudioSetup): LessonRun | undefined {
  const alike = ({ setup }: LessonRun) => JSON.stringify({ ...at, epochs: setup.epochs }) === JSON.stringify(setup);
  const begun = runs.filter((each) => each.setup.epochs <= at.epochs && alike(each));
  return begun.toSorted((a, b) => b.setup.epochs - a.setup.epochs)[0];
}

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
    question: {
      ask: "What does η = 2 do, twenty times the usual rate?",
      answers: ["It learns twenty times as fast.", "It learns, more roughly.", "It falls apart within some ten steps."],
      right: 2,
      because:
        "A step that is too long lands where the gradient is longer still, and so on, until a number is infinite.",
    },
    runs: [run("η = 2", { learningRate: 2 }), run("η = 0.1", {})],
  },
  {
    key: "learning-rate-range",
    title: "A range of learning rates",
    sentences: [
      "Play η = 0.001, 0.01 and 0.1, one epoch each: every time the run goes ten times as far, from little better than guessing to most digits read.",
      "Then play η = 1: nothing is learned at all, so the best rate lies not far below the one that breaks, and a factor of ten either way is lost.",
      "A range test finds that place in one short run, as deltaprop learning-rate does: it raises η from step to step and looks where the loss falls fastest, before it turns.",
    ],
    view: "train",
    equations: ["E36", "E37"],
    question: {
      ask: "One epoch each with η = 0.001, 0.01, 0.1 and 1: which ends best?",
      answers: [
        "0.001, as small steps are safe.",
        "0.1, the largest that still goes down.",
        "1, as the largest steps go furthest.",
      ],
      right: 1,
      because: "Below the rate that breaks, a step ten times as long goes about ten times as far.",
    },
    runs: [0.001, 0.01, 0.1, 1].map((learningRate) => run(`η = ${learningRate}`, { learningRate, epochs: 1 })),
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
    question: {
      ask: "Adam with η = 0.3: what becomes of the hidden units?",
      answers: [
        "They learn, only less smoothly.",
        "Nearly all of them give 0 for every example, for good.",
        "Their outputs grow without bound.",
      ],
      right: 1,
      because: "Pushed below zero for every example, a unit has no gradient left to come back by.",
    },
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
    question: {
      ask: "Leave out 1/B at B = 128. What is it the same as?",
      answers: ["η 128 times as large.", "η 128 times as small.", "Another network."],
      right: 0,
      because: "The sum is 128 times the mean, and so is the step.",
    },
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
    question: {
      ask: "After as many examples, which run has the lower loss?",
      answers: ["B = 2, whose steps are noisy.", "B = 256, whose steps are exact.", "Both have come as far."],
      right: 0,
      because: "It took 128 times as many steps, and their noise averages out.",
    },
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
    question: {
      ask: "All weights begin at 0. What will the 32 units of the layer learn?",
      answers: ["32 different things.", "All of them the same thing.", "Nothing at all: the gradient is 0."],
      right: 1,
      because: "Equal units get equal gradients, to the last bit.",
    },
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
    question: {
      ask: "Six layers of sigmoids: how do they do after five epochs?",
      answers: ["As well as ReLUs.", "A little worse.", "They stay at chance, one in ten."],
      right: 2,
      because: "σ′ is at most 1/4, and six layers take most of δ away.",
    },
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
    question: {
      ask: "500 pictures with random labels: how many of the training pictures will it get right?",
      answers: ["About one in ten: there is nothing to learn.", "About half.", "Nearly all of them."],
      right: 2,
      because: "There are enough weights to learn each by heart; on new pictures it stays at chance.",
    },
    runs: [run("random labels", { ...memory, randomLabels: true }), run("true labels", memory)],
  },
  {
    key: "over-confidence",
    title: "Sure of what it never saw",
    sentences: [
      "Play, then draw one line across the pad, or the letter A: the network that read only digits is more than 99 % sure of one.",
      "After one epoch it was less sure of the A: training on makes the logits longer, and the softmax of longer logits is surer, right or wrong.",
      "Softmax shares out 100 % among the ten classes whatever it is given; dividing the logits by a temperature T, under the bars, brings the doubt back and never changes the winner.",
    ],
    view: "draw",
    equations: ["E2", "E10"],
    question: {
      ask: "A network of ten digits is shown the letter A. What does it say?",
      answers: [
        "It is unsure: some 10 % for each.",
        "It is more than 99 % sure of one digit.",
        "It says that this is none.",
      ],
      right: 1,
      because: "Draw an A when the run has ended, and see. Nothing in the loss ever asked for doubt.",
    },
    runs: [run("five epochs", { epochs: 5 }), run("one epoch", { epochs: 1 })],
  },
];

export const lessonOf = (key: string): Lesson | undefined => LESSONS.find((lesson) => lesson.key === key);

/** The view that shows a run. */
export const viewOf = ({ view }: Lesson, run: LessonRun): ViewName => run.view ?? view;

/** The address of a lesson's run, for a link. */
export const addressOf = (lesson: Lesson, run: LessonRun): string =>
  writeAddress({ setup: run.setup, view: viewOf(lesson, run), lesson: lesson.key });
