// Requests at a rate, whatever the answers do: each is due at a time of its own, and its answer's time counts from
// there, so that a server that stands still lets all wait that are due meanwhile. One loop sends, without timers, which
// come a millisecond late. It tells of itself what would count as the server's: how late it sent although a connection
// was free, and which answers lay over a pause of its own.
import { atPort, Client } from "./load.ts";

const PAUSE = 0.5; // milliseconds between two turns of the loop that are one of its pauses

export type PacedAnswers = {
  /** Milliseconds from the time at which a request was due to its answer. */
  readonly times: number[];
  /** Those during which the generator made no pause. */
  readonly undisturbed: number[];
  /** Milliseconds by which the generator sent late although a connection was free. */
  readonly late: number[];
  /** Asked and not answered with status 200. */
  readonly lost: number;
};

/** `rate` requests a second for `seconds` on `connections` that are kept; what finds none free waits for one. */
export async function paced(
  port: number,
  request: Buffer,
  { connections, seconds, rate }: { readonly connections: number; readonly seconds: number; readonly rate: number },
): Promise<PacedAnswers> {
  const bytes = atPort(request, port);
  const clients = Array.from({ length: connections }, () => new Client(port));
  for (const client of clients) if ((await client.ask(bytes)) !== 200) throw new Error("the server does not answer");
  const total = Math.floor(rate * seconds);
  const times = new Float64Array(total);
  const late = new Float64Array(total);
  const disturbed = new Uint8Array(total);
  const idle = [...clients];
  const under = new Set<number>(); // requests on their way
  let [next, ended, lost] = [0, 0, 0];
  const begun = performance.now();
  let [turned, freed] = [begun, begun]; // the newest turn, and since when a connection is free
  const dueAt = (n: number) => begun + (1000 * n) / rate;

  const send = async (n: number) => {
    const client = idle.pop()!;
    under.add(n);
    late[n] = performance.now() - Math.max(dueAt(n), freed);
    const status = await client.ask(bytes);
    under.delete(n);
    times[n] = performance.now() - dueAt(n);
    if (status !== 200) lost++;
    if (idle.length === 0) freed = performance.now();
    idle.push(client);
    ended++;
  };
  await new Promise<void>((done) => {
    const turn = () => {
      const now = performance.now();
      if (now - turned > PAUSE) {
        for (const n of under) disturbed[n] = 1;
        for (let n = next; n < total && dueAt(n) <= now; n++) disturbed[n] = 1;
      }
      turned = now;
      while (next < total && idle.length > 0 && dueAt(next) <= now) void send(next++);
      if (ended === total) done();
      else setImmediate(turn);
    };
    turn();
  });
  for (const client of clients) client.close();
  return {
    times: [...times],
    undisturbed: [...times.filter((_, n) => disturbed[n] === 0)],
    late: [...late],
    lost,
  };
}
