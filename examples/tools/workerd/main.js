import { task } from "./task.js";

export default {
  async fetch() {
    return new Response(await task());
  },
};
