// Parquet files of pictures, {bytes, path}, with their labels, for tests.
import { ByteWriter, parquetWrite, type SchemaElement } from "hyparquet-writer";
import { writePng } from "./write-png.ts";

const NAMES = '{"info":{"features":{"label":{"names":["cat","dog"],"_type":"ClassLabel"}}}}';
/** A picture of 5 × 4 pixels. */
export const png = (k: number) =>
  new Uint8Array(
    writePng({
      width: 5,
      height: 4,
      depth: 8,
      colour: 0,
      samples: Array.from({ length: 20 }, (_, p) => (p * k) % 256),
    }),
  );

export type PictureRow = { readonly picture: Uint8Array | null; readonly label?: bigint; readonly path?: string };

/** A file of pictures and, where the first row has one, their labels. */
export function write(rows: readonly PictureRow[], { names = true, column = "label" } = {}): Uint8Array<ArrayBuffer> {
  const labelled = rows[0]!.label !== undefined;
  const writer = new ByteWriter();
  const image = rows.map(({ picture, path = null }) => ({ bytes: picture, path }));
  const label = { name: column, data: rows.map((row) => row.label ?? 0n) as never };
  parquetWrite({
    writer,
    columnData: [{ name: "image", data: image as never }, ...(labelled ? [label] : [])],
    schema: [
      { name: "root", num_children: labelled ? 2 : 1 },
      { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      ...(labelled ? [{ name: column, type: "INT64", repetition_type: "OPTIONAL" }] : []),
    ] as SchemaElement[],
    kvMetadata: names ? [{ key: "huggingface", value: NAMES }] : [],
  });
  return new Uint8Array(writer.getBuffer());
}
