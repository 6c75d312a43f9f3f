// What a page's own thread does, by Chromium's trace of its tasks: in the thread's time, not the clock's, so that it
// says something beside other programs, too.
import type { CDPSession } from "playwright-core";

/** Processor time of the page's thread, milliseconds; of a slowed page as slowed. */
export type ThreadTime = { readonly all: number; readonly longestTask: number };

type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number; // microseconds
  readonly args?: { readonly name?: string };
};

const TASK = "ThreadControllerImpl::RunTask";

/** Trace the tasks of the page's process while `work` goes on. */
export async function traced<T>(session: CDPSession, work: () => Promise<T>): Promise<readonly [T, ThreadTime]> {
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const ended = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "__metadata"] },
  });
  const result = await work();
  await session.send("Tracing.end");
  await ended;
  return [result, timeOf(events)];
}

/** Of the renderer's main thread that did most: the browser has others, which are idle. */
function timeOf(events: readonly TraceEvent[]): ThreadTime {
  const main = events.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const times = main.map(({ pid, tid }) => {
    const tasks = events.filter(
      (each) => each.ph === "X" && each.name === TASK && each.pid === pid && each.tid === tid,
    );
    const took = tasks.map(({ tdur = 0 }) => tdur / 1000);
    return {
      all: took.reduce((sum, ms) => sum + ms, 0),
      longestTask: took.reduce((most, ms) => Math.max(most, ms), 0),
    };
  });
  const busiest = times.sort((a, b) => b.all - a.all)[0];
  if (!busiest || busiest.all === 0) throw new Error("this Chromium's trace names no task of the page");
  return busiest;
}
