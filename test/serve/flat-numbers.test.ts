// Numbers read from the bytes of a body have the bits that JSON.parse gives them, and what is no JSON stays none.
import { expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { giveBackNumbers, parseWithNumbers } from "../../src/serve/flat-numbers.ts";

type Body = { readonly inputs: readonly { data?: unknown }[] };
const parse = (text: string) => parseWithNumbers(Buffer.from(text)) as Body;
const body = (array: string, before = "", after = "") => `{"inputs":[{"name":"x",${before}"data":${array}${after}}]}`;

/** Its value, and whether the numbers came from the bytes. */
function parsed(text: string): { readonly plain: boolean; readonly value: unknown } {
  const value = parse(text);
  const input = value.inputs[0]!;
  const plain = input.data instanceof Float64Array;
  if (plain) input.data = Array.from(input.data as Float64Array);
  return { plain, value };
}

test("20,000 decimals of up to 15 digits have JSON's bits, longer ones are left to it", () => {
  const random = new Random(7, 97);
  const digits = (n: number) => Array.from({ length: n }, () => random.integer(10)).join("");
  const texts = Array.from({ length: 20_000 }, () => {
    const whole = String(Number(digits(random.integer(8))));
    const places = random.integer(9);
    return `${random.integer(2) === 0 ? "-" : ""}${whole}${places > 0 ? `.${digits(places)}` : ""}`;
  });
  const numbers = parse(body(`[${texts.join(",")}]`)).inputs[0]!.data as Float64Array;
  expect(numbers).toBeInstanceOf(Float64Array);
  expect(texts.filter((text, i) => !Object.is(numbers[i], JSON.parse(text)))).toEqual([]);
  for (const long of ["1234567890123456", "0.1234567890123456", "1e3", "1E-2", "9007199254740993"])
    expect([long, parsed(body(`[1,${long}]`)).plain]).toEqual([long, false]);
});

test("memory that was given back holds as many numbers as the next body has", () => {
  for (const count of [5, 3, 3, 8, 2000, 5]) {
    const list = Array.from({ length: count }, (_, k) => count + k / 4);
    const { data } = parse(body(JSON.stringify(list))).inputs[0]!;
    expect(Array.from(data as Float64Array)).toEqual(list);
    giveBackNumbers(data);
  }
});

test.each([",", ", ", " ,"])("1 to 3,000 single digits parted by '%s' are read as JSON reads them", (comma) => {
  for (const count of [1, 2, 1022, 1023, 1024, 1025, 2048, 3000]) {
    const array = `[${Array.from({ length: count }, (_, k) => k % 10).join(comma)}]`;
    expect(parsed(body(array))).toEqual({ plain: true, value: JSON.parse(body(array)) });
  }
});

test.each([
  ["[0,255,-0,1.5]", true],
  ["[ 1 , 2 ]", true],
  ["[1,\n2]", false],
  ["[]", false],
  ["[1,null]", false],
  ["[[1,2]]", false],
  ['["1"]', false],
  ["{}", false],
])("%s is read as JSON reads it", (array, plain) => {
  const text = body(array);
  expect(parsed(text)).toEqual({ plain, value: JSON.parse(text) });
});

test.each(["[01]", "[1.]", "[.5]", "[-]", "[+1]", "[1,]", "[,1]", "[1 2]", "[1", "[1]]", "[1;2]", "[0x1]", "[--1]"])(
  "%s is no JSON",
  (array) => {
    expect(() => JSON.parse(body(array))).toThrow(SyntaxError);
    expect(() => parse(body(array))).toThrow(SyntaxError);
  },
);

test.each([
  ["another place", '{"inputs":[{"parameters":{"data":[1,2]}}]}'],
  ["no input's", '{"data":[1,2],"inputs":[{"name":"x"}]}'],
  ["the second input's", '{"inputs":[{"name":"x"},{"data":[1]}]}'],
  ["twice", body("[1]", '"data":[2],')],
  ["twice, later", body("[1]", "", ',"data":7')],
  ["twice, the second escaped", body("[1]", "", ',"d\\u0061ta":7')],
  ["in a text", '{"id":"\\"data\\":[1,2]","inputs":[{"data":[3]}]}'],
  ["a key that ends so", '{"inputs":[{"x\\"data":[1],"data":[3]}]}'],
  ["no inputs", '{"data":[1]}'],
  ["inputs that are no array", '{"inputs":{"0":{"data":[1]}}}'],
  ["an array alone", "[1]"],
  ["null", "null"],
])("data %s: the value is JSON's", (_, text) => {
  expect(parseWithNumbers(Buffer.from(text))).toEqual(JSON.parse(text));
});

test("numbers that have not been given back are no other body's", () => {
  const first = parse(body("[1,2]")).inputs[0]!.data as Float64Array;
  const second = parse(body("[3,4]")).inputs[0]!.data;
  expect([first, second]).toEqual([Float64Array.of(1, 2), Float64Array.of(3, 4)]);
  giveBackNumbers(first); // not the last: it stays its reader's
  giveBackNumbers(second);
  const third = parse(body("[5]")).inputs[0]!.data; // in the memory of the second
  expect(parse(body("[6]")).inputs[0]!.data).toEqual(Float64Array.of(6));
  expect([first, third]).toEqual([Float64Array.of(1, 2), Float64Array.of(5)]);
});

test("bodies one after another are read as JSON reads them, whatever the one before has around its numbers", () => {
  const random = new Random(11, 97);
  const one = <T>(...of: readonly T[]): T => of[random.integer(of.length)]!;
  const text = () => {
    const array = one("[1,2]", "[3]", "[4e1]", "[]", "[null]", "[5] ", '[6],"z":[7]', "[8,[9]]", '["\\""]');
    const before = one("", '"shape":[1,2],', `"parameters":{"a":${"[".repeat(3)}${"]".repeat(3)}},`, '"data":[1],');
    const after = one("", ',"z":{}', ',"z":[7]', `,"z":"${"x".repeat(one(1, 4000, 5000))}"`);
    return body(array, before, after).replace(/\}$/, one("}", ',"id":"a"}', ',"id":"b"}', "} ", ',"outputs":[{}]}'));
  };
  let plain = 0;
  for (let n = 0; n < 3000; n++) {
    const said = text();
    const found = parsed(said);
    expect(found.value, said).toEqual(JSON.parse(said));
    if (found.plain) plain++;
  }
  expect(plain).toBeGreaterThan(500);
  for (const wrong of ["[1,2", "[1]]", "[01]", "[1,]"]) expect(() => parse(body(wrong)), wrong).toThrow(SyntaxError);
});
