// The page's worker: trains every net on every engine and thread count that it is told.
import { trainNets } from "./nets.ts";

globalThis.onmessage = async ({ data: threads }: MessageEvent<readonly number[]>) => {
  try {
    globalThis.postMessage({ trained: await trainNets(["wasm"], threads) });
  } catch (error) {
    globalThis.postMessage({ trained: [], error: String(error) });
  }
};
