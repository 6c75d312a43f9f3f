// The public names that need files, for Node: data sets by name, folder or file, and models on disk.

export { loadSource } from "./data/source.ts";
export { loadModel, saveModel } from "./files/run/run-folder.ts";
