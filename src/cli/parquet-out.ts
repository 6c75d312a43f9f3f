// Columns as a Parquet file. Loaded with the first one that is written.
import { parquetWriteBuffer } from "hyparquet-writer";

/** Numbers as doubles, whole ones as 32-bit integers, text as UTF-8. */
export function parquetOf(
  columns: readonly { readonly name: string; readonly values: (string | number)[] }[],
): Uint8Array<ArrayBuffer> {
  const columnData = columns.map(({ name, values }) => {
    const whole = values.every((value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31);
    const type = values.some((value) => typeof value === "string")
      ? "STRING"
      : name === "row" && whole
        ? "INT32"
        : "DOUBLE";
    return { name, data: values, type, nullable: false } as const;
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
