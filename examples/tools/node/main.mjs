import { task } from "./task.js";

console.log(await task());
