// How long a rank waits for another before it gives the job up. Long enough for what the other may be computing,
// short enough that a rank that is gone ends the job within seconds.

/** Seconds between two signs of life of rank 0, while it has nothing for the others to do. */
export const PULSE_S = 0.5;
/** Seconds for what takes its time once: joining, taking memory, starting threads, sending the data. */
export const OPENING_S = 60;

const LEAST_S = 3.3; //      where little is computed in between
const STAGGER_S = 0.4; //    later, so that rank 0, if it lives, says why first; then rank after rank
const SLOWEST = 1e8; //      operations a second that the slowest engine reaches on a busy machine
const FIRST = 4; //          exchanges, of two steps, that have no time to go by
const TIMES = 20; //         as long as the slowest step of late

/**
 * Seconds to wait for the others, by this rank's seconds of computing since the last exchange: they compute as much.
 * A slow step is forgotten by and by. `flops`: of a step.
 */
export function patience(rank: number, flops = 0): (computed: number) => number {
  const stagger = rank === 0 ? 0 : STAGGER_S + 0.05 * Math.min(rank, 8);
  let slowest = 0;
  let exchanges = 0;
  return (computed) => {
    slowest = Math.max(computed, 0.99 * slowest);
    const guess = exchanges++ < FIRST ? flops / SLOWEST : 0;
    return Math.max(LEAST_S, guess, TIMES * slowest) + stagger;
  };
}
