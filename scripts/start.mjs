// The command line in a checkout: `npm start` and `npm run deltaprop`. An old Node cannot read the sources; here it
// says so in one line. Plain syntax: every Node that npm starts reads this file.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) await import("../src/cli/main.ts");
else {
  process.stderr.write(
    `error OLD_NODE the sources need Node 22.18 or later; this is ${process.versions.node}. npm ci brings one where there is a package for this system (${process.platform} ${process.arch}); else install it from https://nodejs.org.\n`,
  );
  process.exitCode = 3;
}
