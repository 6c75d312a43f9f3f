// A histogram by model in Prometheus' form, which costs a request a few additions: the library's own looks up and
// checks its labels at each value.
import type { Metric, Registry } from "prom-client";

type Described = { readonly name: string; readonly help: string; readonly bounds: readonly number[] };

/** Values of one model: how many lie within each bound and above the one before, how many in all, and their sum. */
type Tally = { readonly within: Float64Array; count: number; sum: number };

/** Register it; the function that it returns adds a value. */
export function modelHistogram(registry: Registry, { name, help, bounds }: Described) {
  const tallies = new Map<string, Tally>();
  const values = () =>
    [...tallies].flatMap(([model, { within, count, sum }]) => {
      let below = 0;
      return [
        ...bounds.map((le, k) => ({
          metricName: `${name}_bucket`,
          labels: { le, model },
          value: (below += within[k]!),
        })),
        { metricName: `${name}_bucket`, labels: { le: "+Inf", model }, value: count },
        { metricName: `${name}_sum`, labels: { model }, value: sum },
        { metricName: `${name}_count`, labels: { model }, value: count },
      ];
    });
  // all that a registry asks of a metric
  const metric = {
    name,
    help,
    type: "histogram",
    get: async () => ({ name, help, type: "histogram", values: values() }),
  };
  registry.registerMetric(metric as unknown as Metric);
  return (model: string, value: number): void => {
    let tally = tallies.get(model);
    if (tally === undefined) {
      tally = { within: new Float64Array(bounds.length), count: 0, sum: 0 };
      tallies.set(model, tally);
    }
    let k = 0;
    while (k < bounds.length && value > bounds[k]!) k++;
    if (k < bounds.length) tally.within[k]!++;
    tally.count++;
    tally.sum += value;
  };
}
