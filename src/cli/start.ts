#!/usr/bin/env node
// The installed program's first file: it says in one line that a Node is too old, before that Node meets syntax it
// cannot read.
import { nodeRefusal } from "./old-node.ts";

const refusal = nodeRefusal(process.versions.node);
if (refusal === undefined) await import("./main.ts");
else {
  console.error(`error OLD_NODE ${refusal}`);
  process.exitCode = 3;
}
