// Writes small Parquet files for tests, from parquet.thrift, honest or not: one row group, one plain or dictionary page
// a column. Shares nothing with the reader.

/**
 * A struct as [field, value] pairs: bigint → i64, number → i32, string → binary, boolean, list of structs or numbers,
 * struct.
 */
export type Fields = readonly (readonly [id: number, value: Thrift])[];
export type Thrift = bigint | number | string | boolean | Uint8Array | { list: readonly Thrift[] } | { struct: Fields };

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

const zigzag = (value: bigint) => varint(value < 0n ? -2n * value - 1n : 2n * value);

function kind(value: Thrift): number {
  if (typeof value === "boolean") return value ? 1 : 2;
  if (typeof value === "number") return 5;
  if (typeof value === "bigint") return 6;
  if (typeof value === "string" || value instanceof Uint8Array) return 8;
  return "list" in value ? 9 : 12;
}

function encode(value: Thrift): number[] {
  if (typeof value === "boolean") return [];
  if (typeof value === "number" || typeof value === "bigint") return zigzag(BigInt(value));
  if (typeof value === "string") return encode(Buffer.from(value));
  if (value instanceof Uint8Array) return [...varint(BigInt(value.length)), ...value];
  if ("struct" in value) return [...thrift(value.struct)];
  const { list } = value;
  const head = (list.length < 15 ? list.length << 4 : 240) | (list.length > 0 ? kind(list[0] as Thrift) : 12);
  return [head, ...(list.length < 15 ? [] : varint(BigInt(list.length))), ...list.flatMap(encode)];
}

/** A struct in Thrift's compact protocol. */
export function thrift(fields: Fields): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (const [id, value] of fields) {
    const step = id - before;
    if (step > 0 && step < 16) bytes.push((step << 4) | kind(value));
    else bytes.push(kind(value), ...zigzag(BigInt(id)));
    bytes.push(...encode(value));
    before = id;
  }
  return Uint8Array.from([...bytes, 0]);
}

export type ParquetColumn = {
  readonly name: string;
  readonly values: readonly number[] | readonly string[]; // doubles or texts
  /** with them `values` is a dictionary, and these are 8-bit indices in one packed run */
  readonly indices?: readonly number[];
  readonly page?: Fields; //      replaces the page header's own fields 1, 2, 3, 5
  readonly meta?: Fields; //      replaces fields of the chunk's meta data
  readonly schema?: Fields; //    replaces fields of the schema element
};

export type ParquetTricks = {
  readonly rows?: bigint; //             what the footer says
  readonly footer?: Uint8Array; //       in place of the whole footer
  readonly footerLength?: number;
  readonly tail?: string; //             in place of the last PAR1
};

function replace(fields: Fields, changes: Fields = []): Fields {
  const all = new Map([...fields, ...changes]);
  return [...all].sort(([a], [b]) => a - b);
}

function plain(values: readonly number[] | readonly string[]): Uint8Array {
  return Buffer.concat(
    [...values].map((value) => {
      const text = typeof value === "string" ? Buffer.from(value) : undefined;
      const bytes = Buffer.alloc(text ? 4 + text.length : 8);
      if (text) {
        bytes.writeUInt32LE(text.length);
        bytes.set(text, 4);
      } else bytes.writeDoubleLE(value as number);
      return bytes;
    }),
  );
}

export function writeParquet(columns: readonly ParquetColumn[], tricks: ParquetTricks = {}): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Buffer.from("PAR1")];
  let at = 4;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    at += bytes.length;
  };
  const first = columns[0] as ParquetColumn;
  const count = (first.indices ?? first.values).length;
  const chunks = columns.map(({ name, values, indices, page, meta }) => {
    const start = at;
    const data = plain(values);
    const type = typeof values[0] === "string" ? 6 : 5;
    const header = (body: Uint8Array, kindOfPage: number, head: readonly [number, Thrift], changes?: Fields) =>
      thrift(replace([[1, kindOfPage], [2, body.length], [3, body.length], head], changes));
    if (indices) {
      put(
        header(data, 2, [
          7,
          {
            struct: [
              [1, values.length],
              [2, 0],
            ],
          },
        ]),
      );
      put(data);
    }
    const dataAt = at;
    const packed = indices && Uint8Array.from({ length: 8 * Math.ceil(indices.length / 8) }, (_, k) => indices[k] ?? 0);
    const body = packed ? Uint8Array.from([8, (packed.length / 8) * 2 + 1, ...packed]) : data;
    put(
      header(
        body,
        0,
        [
          5,
          {
            struct: [
              [1, count],
              [2, indices ? 8 : 0],
              [3, 3],
              [4, 3],
            ],
          },
        ],
        page,
      ),
    );
    put(body);
    const fields: Fields = [
      [1, type],
      [2, { list: [0] }],
      [3, { list: [name] }],
      [4, 0],
      [5, BigInt(count)],
      [6, BigInt(at - start)],
      [7, BigInt(at - start)],
      [9, BigInt(dataAt)],
      ...(indices ? [[11, BigInt(start)] as const] : []),
    ];
    return {
      struct: [
        [2, BigInt(start)],
        [3, { struct: replace(fields, meta) }],
      ] as Fields,
    };
  });
  const leaves = columns.map(({ name, values, schema }) => {
    const text: Fields = typeof values[0] === "string" ? [[6, 0]] : [];
    return { struct: replace([[1, typeof values[0] === "string" ? 6 : 5], [3, 0], [4, name], ...text], schema) };
  });
  const rows = BigInt(count);
  const footer =
    tricks.footer ??
    thrift([
      [1, 1],
      [
        2,
        {
          list: [
            {
              struct: [
                [4, "root"],
                [5, columns.length],
              ],
            },
            ...leaves,
          ],
        },
      ],
      [3, tricks.rows ?? rows],
      [
        4,
        {
          list: [
            {
              struct: [
                [1, { list: chunks }],
                [2, BigInt(at)],
                [3, tricks.rows ?? rows],
              ],
            },
          ],
        },
      ],
    ]);
  put(footer);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(tricks.footerLength ?? footer.length);
  end.write(tricks.tail ?? "PAR1", 4, "latin1");
  put(end);
  return new Uint8Array(Buffer.concat(parts));
}
