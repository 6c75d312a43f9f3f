// The ONNX file of a table's model in onnxruntime, asked about raw cells: texts, numbers, yes and no, null for a hole.

export async function openTable(file: Uint8Array) {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(file);
  const run = async (rows: readonly (readonly unknown[])[]) => {
    const feeds = session.inputNames.map((name, j) => {
      const cells = rows.map((row) => row[j]);
      const { type } = session.inputMetadata[j] as { type: string };
      const shape = [rows.length, 1];
      if (type === "string")
        return [name, new ort.Tensor("string", cells.map((cell) => cell ?? "") as string[], shape)];
      if (type === "bool") return [name, new ort.Tensor("bool", cells as boolean[], shape)];
      const number = (cell: unknown) =>
        cell === null ? Number.NaN : typeof cell === "string" ? Date.parse(cell) / 864e5 : Number(cell);
      return [name, new ort.Tensor("float64", Float64Array.from(cells, number), shape)];
    });
    return session.run(Object.fromEntries(feeds));
  };
  const ask = async (rows: readonly (readonly unknown[])[]) => {
    const { probabilities, label } = await run(rows);
    return {
      probabilities: probabilities!.data as Float32Array,
      classes: Array.from(label!.data as BigInt64Array, Number),
    };
  };
  return { session, run, ask };
}
