// Nasty Arrow files beside valid twins. The valid ones are those of Apache's own writer.
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { type Case, joined, oneFile, patched } from "./case.ts";

const table = tableFromArrays({ a: Float64Array.of(1, 2.5, 4), kind: ["x", "y", "x"] });
const good = new Uint8Array(tableToIPC(table, "file"));
const stream = new Uint8Array(tableToIPC(table, "stream"));
const LENGTH = 4; // of the first message's metadata, in a stream

const file = oneFile("t.arrow");

/** Each place in the bytes that holds this little-endian number, in the order of the file. */
const placesOf = (bytes: Uint8Array, value: bigint, width: 4 | 8): number[] => {
  const wanted = Buffer.alloc(8);
  wanted.writeBigInt64LE(value);
  const found: number[] = [];
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1))
    if (Buffer.from(bytes.subarray(at, at + width)).equals(wanted.subarray(0, width))) found.push(at);
  return found;
};
const int32 = (value: number) => Uint8Array.from({ length: 4 }, (_, k) => (value >> (8 * k)) & 255);
const largest = Uint8Array.of(255, 255, 255, 255, 255, 255, 15, 0); // 2^52 − 1
const second = 8 + new DataView(stream.buffer).getInt32(LENGTH, true); // the message behind the schema

export const ARROW: readonly Case[] = [
  file("a file", good),
  file("a stream", stream),
  file("a stream without its mark", stream.subarray(0, -8)),
  file("nothing", new Uint8Array(0), ["BAD_ARROW", "byte 0", "cut short"]),
  file("only its magic", joined("ARROW1\0\0"), ["BAD_ARROW", "byte 0", "ends with ARROW1"]),
  file("a stream that is only its mark", joined(int32(-1), int32(0)), ["BAD_ARROW", "byte 0", "no schema"]),
  file("half a file", good.subarray(0, good.length >> 1), ["BAD_ARROW", /byte/, "cut short"]),
  file("a footer of 2^31 − 1 bytes", patched(good, -10, int32(2 ** 31 - 1)), [
    "BAD_ARROW",
    /byte/,
    "the footer's length",
  ]),
  file("a footer that is none", joined("ARROW1\0\0", new Uint8Array(8), int32(8), "ARROW1"), [
    "BAD_ARROW",
    /byte/,
    "the footer has no schema",
  ]),
  file("text", joined("a,b\n1,2\n".repeat(9)), ["BAD_ARROW", "byte 0", "no Arrow file"]),
  file("metadata of 2^31 − 1 bytes", patched(stream, LENGTH, int32(2 ** 31 - 1)), [
    "BAD_ARROW",
    "byte 0",
    "metadata must have",
  ]),
  file("metadata of −2 bytes", patched(stream, LENGTH, int32(-2)), ["BAD_ARROW", "byte 0", "metadata must have"]),
  file("a root outside its bytes", patched(stream, 8, int32(2 ** 30)), ["BAD_ARROW", /byte/, "outside their bytes"]),
  file("a table without a vtable", patched(stream, 8 + new DataView(stream.buffer).getInt32(8, true), int32(2 ** 30)), [
    "BAD_ARROW",
    /byte/,
    "outside their bytes",
  ]),
  file("no schema first", stream.subarray(second), ["BAD_ARROW", "byte 0", "schema must come first"]),
  file("a batch twice with half a body", joined(stream.subarray(0, -8), stream.subarray(second, -40)), [
    "BAD_ARROW",
    /byte/,
    "cut short",
  ]),
  file("2^52 values in a node", patched(stream, placesOf(stream, 3n, 8).at(-1)!, largest), [
    "BAD_ARROW",
    /byte/,
    "values",
  ]),
  file("2^52 bytes in a buffer", patched(stream, placesOf(stream, 24n, 8).at(-1)!, largest), [
    "BAD_ARROW",
    /byte/,
    "outside",
  ]),
  file("an index outside its dictionary", patched(stream, placesOf(stream, 1n, 4).at(-1)!, int32(7)), [
    "BAD_ARROW",
    /byte/,
    "an index of column",
  ]),
];
