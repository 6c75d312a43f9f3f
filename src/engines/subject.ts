// Any engine's session as a subject of the check: what the rows compare is read from the session's own memory.
import { type Coefficients, type Question, type Subject, see } from "../equations/subject.ts";
import { precisionOf } from "../numerics/rounding.ts";
import type { Engine } from "./engine.ts";

/**
 * `engine` for checkNote, on one thread unless `threads` says otherwise. `floatBytes` is its arithmetic: 4, or 8 for the float64 reference.
 */
export function engineSubject(
  engine: Engine,
  options: { readonly floatBytes: 4 | 8; readonly coefficients?: Coefficients; readonly threads?: number },
): Subject {
  const { floatBytes, coefficients, threads = 1 } = options;
  return {
    name: `engine ${engine.name}`,
    precision: precisionOf(floatBytes),
    coefficients,
    async open(question: Question) {
      const { parameters, features, targets, ...rest } = question;
      const floats = (values: Float64Array) => (floatBytes === 4 ? new Float32Array(values) : values);
      const session = await engine.open({
        ...{ ...rest, threads, capacity: question.batchSize, features: floats(features) },
        ...(targets && { targets: floats(targets) }),
      });
      session.writeParameters(floats(parameters));
      return {
        async gradients(order) {
          await session.gradients(order);
          return see(session.plan, session.memory, order.length);
        },
        async step(order, coefficients) {
          await session.train(order, coefficients);
          return see(session.plan, session.memory, order.length);
        },
        close: () => session.close(),
      };
    },
  };
}
