// How often the page looks at a run that plays. Its parts take turns: one asks the lab, shows the answer, and then the
// page rests three times as long as showing it kept the page's own thread, at most a second. So looking takes a quarter
// of the thread, on any machine and however much there is to draw: a slow page looks less often, and still answers.
// What the visitor waits for, and a run that has come to rest, is looked at at once.
import { nextTask } from "../lab/next-task.ts";

const SHARE = 1 / 4; //         of the time of the page's own thread, for looks at a run that plays
const MOST_REST_MS = 1000; // where drawing waits for other programs, the page still follows

/** Asks for what there is to show; resolves with what shows it, or with null where nothing is to be shown. */
export type Look = () => Promise<(() => void) | null>;

/** What time is to the turns. */
export type Clock = {
  /** Resolves once what `change` changed is drawn: with the milliseconds for which this kept the thread. */
  readonly drawn: (change: () => void) => Promise<number>;
  readonly rest: (ms: number) => Promise<void>;
};

export class Attention {
  readonly #clock: Clock;
  readonly #waiting = new Map<object, Look>(); // in the order of their turns
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Look in the part's turn; a look of it that waits already is replaced, and keeps its turn. */
  inTurn(part: object, look: Look): void {
    this.#waiting.set(part, look);
    if (!this.#busy) void this.#takeTurns();
  }

  /** No look of this part waits any longer. */
  leave(part: object): void {
    this.#waiting.delete(part);
  }

  /** Resolves once it is drawn. */
  async atOnce(look: Look): Promise<void> {
    await this.#take(look);
  }

  async #takeTurns(): Promise<void> {
    this.#busy = true;
    for (const [part, look] of this.#waiting) {
      this.#waiting.delete(part);
      await this.#clock.rest(Math.min(MOST_REST_MS, (1 / SHARE - 1) * (await this.#take(look))));
    }
    this.#busy = false;
  }

  /** The milliseconds that drawing took. A look that fails is an error of the page's, and the other parts go on. */
  async #take(look: Look): Promise<number> {
    try {
      const show = await look();
      return show ? await this.#clock.drawn(show) : 0;
    } catch (error) {
      reportError(error);
      return 0;
    }
  }
}

/** A part of the page that looks again and again. An answer that comes after a newer one is not shown. */
export class Looker {
  readonly #attention: Attention;
  #asked = 0; // looks so far
  #shown = 0; // which of them is shown
  #looking = false;
  #next: Look | null = null; // what is to be looked at at once

  constructor(attention: Attention = pageAttention) {
    this.#attention = attention;
  }

  /** `atOnce`: the visitor waits for it, or nothing newer will come. The newest look replaces those that wait. */
  look(look: Look, atOnce: boolean): void {
    const inOrder = this.#inOrder(look);
    if (atOnce) {
      this.#attention.leave(this);
      this.#next = inOrder;
      if (!this.#looking) void this.#lookAtOnce();
    } else this.#attention.inTurn(this, inOrder);
  }

  /** The part is gone. */
  leave(): void {
    this.#attention.leave(this);
    this.#next = null;
  }

  async #lookAtOnce(): Promise<void> {
    this.#looking = true;
    while (this.#next) {
      const look = this.#next;
      this.#next = null;
      await this.#attention.atOnce(look);
    }
    this.#looking = false;
  }

  #inOrder(look: Look): Look {
    return async () => {
      const asked = ++this.#asked;
      const show = await look();
      if (!show || asked < this.#shown) return null;
      this.#shown = asked;
      return show;
    };
  }
}

/** The next frame, or where the page is hidden, and draws none, at once. */
const frame = () =>
  new Promise<number>((done) => {
    const end = () => {
      document.removeEventListener("visibilitychange", end);
      done(performance.now());
    };
    if (document.hidden) return end();
    document.addEventListener("visibilitychange", end);
    requestAnimationFrame(end);
  });

/** The attention of the page: its own thread draws in frames, and the time between them is others'. */
export const pageAttention = new Attention({
  async drawn(change) {
    const begun = performance.now();
    change();
    await nextTask(); // the page's components were rendered before it
    const rendered = performance.now();
    const framed = await frame();
    await nextTask(); // styles, layout and paint before it
    return rendered - begun + performance.now() - framed;
  },
  rest: (ms) => new Promise((done) => setTimeout(done, ms)),
});
