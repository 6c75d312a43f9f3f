import { test } from "vitest";
import { task } from "./task.js";

test("the task", async () => {
  process.stdout.write(`${await task()}\n`);
}, 120_000);
