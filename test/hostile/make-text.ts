// Nasty tables in ARFF, LIBSVM and JSON beside valid twins.
import { type Case, joined, oneFile } from "./case.ts";

const arff = oneFile("t.arff");
const libsvm = oneFile("t.libsvm");
const json = oneFile("t.json");

const head = "@relation r\n@attribute a numeric\n@attribute 'b c' {x,'y z'}\n@data\n";

export const ARFF: readonly Case[] = [
  arff("a small table", `${head}1,x\n2,'y z'\n3,x\n`),
  arff("sparse rows", `${head}{0 1}\n{0 2,1 'y z'}\n{}\n`),
  arff(
    "__proto__ for a column and a class",
    "@attribute __proto__ real\n@attribute k {__proto__,constructor}\n@data\n1,__proto__\n2,constructor\n",
  ),
  arff("nothing", "", ["BAD_ARFF", "row 1", "no @data"]),
  arff("no rows", head, ["BAD_ARFF", "schema", "no rows under it"]),
  arff("no attributes", "@data\n1\n", ["BAD_ARFF", "row 1", "declares no @attribute"]),
  arff("an attribute without a name", "@attribute\n", ["BAD_ARFF", "row 1", "needs a name"]),
  arff("a relational attribute", "@attribute a relational\n", ["BAD_ARFF", "row 1", "Convert it"]),
  arff("a row too short", `${head}1\n`, ["BAD_ARFF", "row 5", "1 cells; 2 are declared"]),
  arff("a quote left open", `${head}1,'x\n`, ["BAD_ARFF", "row 5", "never closed"]),
  arff("text after a quote", `${head}1,'x'y\n`, ["BAD_ARFF", "row 5", "after a closing quote"]),
  arff("a sparse row left open", `${head}{0 1\n`, ["BAD_ARFF", "row 5", "ends with }"]),
  arff("an index of 2^53", `${head}{9007199254740993 1}\n`, ["BAD_ARFF", "row 5", "a growing index below 2"]),
  arff("an index twice", `${head}{0 1,0 2}\n`, ["BAD_ARFF", "row 5", "a growing index"]),
  arff("a date that is none", "@attribute d date dd/MM/yyyy\n@attribute k {a}\n@data\nx,a\n", [
    "BAD_ARFF",
    "row 4",
    "is no date",
  ]),
  arff("a zero byte", `${head}1,\0\n`, ["BAD_ARFF", /byte/, "zero byte"]),
  arff("bytes that are not UTF-8", joined(head, Uint8Array.of(0xff)), ["BAD_ARFF", /row \d+ byte \d+/, "not UTF-8"]),
];

export const LIBSVM: readonly Case[] = [
  libsvm("a small table", "1 1:0.5 3:1\n-1 2:0.25\n1 1:2\n"),
  libsvm("comments and blank lines", "# a\n\n1 1:0.5 # b\n0 2:1\n"),
  libsvm("labels alone beside others", "1\n0 1:1\n1 1:2\n"),
  libsvm("nothing", "", ["BAD_LIBSVM", "row 1", "no rows"]),
  libsvm("a table of another kind", "a,b\n1,2\n", ["BAD_LIBSVM", "row 1", "label must be a number"]),
  libsvm("several labels", "1,2 1:1\n", ["BAD_LIBSVM", "row 1", "label must be a number"]),
  libsvm("a ranking", "1 qid:3 1:1\n", ["BAD_LIBSVM", "row 1", "Rankings"]),
  libsvm("a pair without a colon", "1 1\n", ["BAD_LIBSVM", "row 1", "pairs index:value"]),
  libsvm("a pair without an index", "1 :1\n", ["BAD_LIBSVM", "row 1", "pairs index:value"]),
  libsvm("an index below 0", "1 -1:1\n", ["BAD_LIBSVM", "row 1", "pairs index:value"]),
  libsvm("an index of 2^53", "1 9007199254740993:1\n", ["BAD_LIBSVM", "row 1", "pairs index:value"]),
  libsvm("an index past the most", "1 100000:1\n", ["BAD_LIBSVM", "row 1", "at most 99999"]),
  libsvm("an index twice", "1 1:1 1:2\n", ["BAD_LIBSVM", "row 1", "must grow"]),
  libsvm("a value that is none", "1 1:0x10\n", ["BAD_LIBSVM", "row 1", "pairs index:value"]),
  libsvm("a value past float32", "1 1:1e999\n0 1:1\n", ["BAD_LIBSVM", "row 1 column 1 (1)", "too large"]),
  libsvm("zeros that the file does not pay for", "1 99999:1\n".repeat(2000), [
    "BAD_LIBSVM",
    "row 2000",
    "are read from such a file",
  ]),
  libsvm("bytes that are not UTF-8", joined("1 1:1\n", Uint8Array.of(0xff)), ["BAD_LIBSVM", /byte/, "not UTF-8"]),
];

export const JSON_TABLES: readonly Case[] = [
  json("an array of objects", '[{"a":1,"k":"x"},{"a":2,"k":"y"}]'),
  json("columns by name", '{"a":[1,2],"k":["x","y"]}'),
  json("one object a line", '{"a":1,"k":"x"}\n{"a":2,"k":"y"}\n'),
  json("__proto__ for a column and a class", '[{"__proto__":1,"k":"__proto__"},{"__proto__":2,"k":"constructor"}]'),
  json("pandas' split", '{"columns":["a","k"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}'),
  json("nothing", "", ["BAD_JSON", "content", "not JSON"]),
  json("half of it", '[{"a":1,', ["BAD_JSON", "content", "not JSON"]),
  json("a row without columns", "[{}]", ["BAD_JSON", "row 1", "no columns"]),
  json("a number", "1", ["BAD_JSON", "content", "a table is"]),
  json("no rows", "[]", ["BAD_JSON", "row 1", "no rows"]),
  json("an object of numbers", '{"a":1}', ["BAD_JSON", "content", "a table is"]),
  json("rows of two kinds", '[{"a":1},[1]]', ["BAD_JSON", "row 2", "must be an object"]),
  json("columns of two lengths", '{"a":[1,2],"k":["x"]}', ["BAD_JSON", "content", "1 values"]),
  json("a nested cell", '[{"a":{"b":1},"k":"x"}]', ["BAD_JSON", "row 1 column 1 (a)", "nested"]),
  json("a list after a number", '[{"a":1,"k":"x"},{"a":[1],"k":"y"}]', [
    "BAD_JSON",
    "row 2 column 1 (a)",
    "a list where",
  ]),
  json("arrays within arrays", "[".repeat(100_000), ["BAD_JSON", "content", "not JSON"]),
  json("a name in every row of its own", `[${Array.from({ length: 9000 }, (_, k) => `{"a${k}":1}`).join()}]`, [
    "BAD_JSON",
    "content",
    "are read from such a file",
  ]),
  json("a long list, then nothing", `[{"a":[${"1,".repeat(9999)}1],"k":"x"}${',{"a":null,"k":"x"}'.repeat(5000)}]`, [
    "BAD_JSON",
    "content",
    "are read from such a file",
  ]),
  json("a number past float32", '[{"a":1e999,"k":"x"}]', ["BAD_JSON", "row 1 column 1 (a)", "too large"]),
  json("bytes that are not UTF-8", joined('[{"a":"', Uint8Array.of(0xff)), ["BAD_JSON", /byte/, "not UTF-8"]),
];
