// As a user's first program: import the built package and take one step of a small network. Prints the milliseconds of
// both together.
const began = performance.now();
const { chooseEngine, defineNetwork, initialize } = await import("../dist/sessions.js");
const network = defineNetwork([3, 5, 2]);
const features = Float32Array.of(0.5, -1, 2, 1, 0, -0.5);
const setup = { network, batchSize: 2, features, labels: Int32Array.of(0, 1) };
const session = await chooseEngine("auto").open(setup);
session.writeParameters(initialize(network, "he", 1));
await session.train(Uint32Array.of(0, 1), Float64Array.of(0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
console.log(performance.now() - began);
await session.close();
