#!/usr/bin/env node
// The program's entry: refuses an old Node in one line, before anything is loaded that it cannot read.
import { nodeRefusal } from "./old-node.ts";

const refusal = nodeRefusal(process.versions.node);
if (refusal === undefined) await import("./commands.ts");
else {
  process.stderr.write(`error OLD_NODE ${refusal}\n`);
  process.exitCode = 3;
}
