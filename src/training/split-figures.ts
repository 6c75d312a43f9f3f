// Figures of the validation and test splits that lie in a run's session, with the session's parameters and the plain
// cross-entropy.
import type { Session } from "../engines/engine.ts";
import { accuracyOf, type Metrics, meanOf, measure } from "./metrics.ts";
import { consecutive } from "./order.ts";
import type { SplitLabels } from "./splits.ts";

export async function validationFigures(
  session: Session,
  { train, validation }: SplitLabels,
): Promise<{ readonly loss: number; readonly accuracy: number } | undefined> {
  if (!validation) return undefined;
  const order = consecutive(train.rows, validation.rows);
  const { losses, predictions } = await session.evaluate(order, { plain: true });
  return { loss: meanOf(losses), accuracy: accuracyOf(validation.labels, predictions) };
}

export async function testFigures(session: Session, { train, validation, test }: SplitLabels): Promise<Metrics | null> {
  if (!test) return null;
  const order = consecutive(train.rows + (validation?.rows ?? 0), test.rows);
  const { losses, predictions } = await session.evaluate(order, { plain: true });
  return measure(test.labels, predictions, losses, test.classes.length);
}
