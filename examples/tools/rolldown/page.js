import { task } from "./task.js";

task().then(
  (line) => {
    document.title = line;
  },
  (error) => {
    document.title = `failed: ${error}`;
  },
);
