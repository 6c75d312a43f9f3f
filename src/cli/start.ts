#!/usr/bin/env node
// The installed program's first file: it says in one line that a Node is too old, before that Node meets syntax it
// cannot read.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error OLD_NODE: deltaprop needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exitCode = 3;
} else {
  await import("./main.ts");
}
