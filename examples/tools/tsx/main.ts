import { task } from "./task.js";

task().then(console.log);
