// The page's worker: trains every net with every thread count of its message.
import { trainNets } from "./nets.ts";

globalThis.onmessage = async ({ data: threads }: MessageEvent<readonly number[]>) => {
  try {
    globalThis.postMessage({ trained: await trainNets(["wasm"], threads) });
  } catch (error) {
    globalThis.postMessage({ trained: [], error: String(error) });
  }
};
