const path = require("node:path");

const output = (filename) => ({ path: path.resolve(__dirname, "out"), filename });
module.exports = [
  { mode: "production", target: "node", entry: "./main.js", output: output("main.js") },
  { mode: "production", target: "web", entry: "./page.js", output: output("page.js") },
];
