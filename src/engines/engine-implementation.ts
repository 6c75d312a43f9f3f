// Any engine's session as a implementation of the check: what the rows compare is read from the session's own memory.
import { type Coefficients, type Implementation, observe, type Problem } from "../equations/implementation.ts";
import { defineNetwork } from "../network/network.ts";
import { floatPrecision } from "../numerics/rounding.ts";
import type { Engine, Setup } from "./engine.ts";

/** `engine` for checkNote, on one thread unless `threads` says otherwise. Raises EngineUnavailable. */
export async function engineImplementation(
  engine: Engine,
  options: { readonly coefficients?: Coefficients; readonly threads?: number } = {},
): Promise<Implementation> {
  const { coefficients, threads = 1 } = options;
  const floatBytes = await floatBytesOf(engine);
  const floats = (values: Float64Array) => (floatBytes === 4 ? new Float32Array(values) : values);
  return {
    name: `engine ${engine.name}`,
    precision: floatPrecision(floatBytes),
    coefficients,
    async open(problem: Problem) {
      const { parameters, features, targets, ...rest } = problem;
      const setup: Setup = { ...rest, threads, capacity: problem.batchSize, features: floats(features) };
      const session = await engine.open(targets ? { ...setup, targets: floats(targets) } : setup);
      session.writeParameters(floats(parameters));
      return {
        async gradients(order) {
          await session.gradients(order);
          return observe(session.plan, session.memory, order.length);
        },
        async step(order, row) {
          await session.train(order, row);
          return observe(session.plan, session.memory, order.length);
        },
        close: () => session.close(),
      };
    },
  };
}

/** What an engine computes in, as its smallest session says. */
async function floatBytesOf(engine: Engine): Promise<4 | 8> {
  const session = await engine.open({ network: defineNetwork([1, 1]), batchSize: 1, features: new Float64Array(1) });
  await session.close();
  return session.plan.floatBytes;
}
