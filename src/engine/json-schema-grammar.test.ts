import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { matchesGbnf } from "../../test/support/gbnf-matcher.ts";
import { isValid, schemaCases } from "../../test/support/json-schemas.ts";
import { isCode } from "../errors.ts";
import { checkGbnf } from "./check-gbnf.ts";
import { JSON_OBJECT_GRAMMAR, jsonSchemaGrammar } from "./json-schema-grammar.ts";

function accepts(schema: unknown, text: string): boolean {
  return matchesGbnf({ grammar: checkGbnf(jsonSchemaGrammar(schema)), text });
}

test("JSON.stringify of every instance of a schema is allowed by the schema's grammar", () => {
  const cases = schemaCases.chain(({ schema, instances }) => fc.tuple(fc.constant(schema), instances));
  fc.assert(
    fc.property(cases, ([schema, instance]) => {
      expect(isValid(schema, instance)).toBe(true);
      expect(accepts(schema, JSON.stringify(instance))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("whatever two unequal schemas disagree on, the grammar sides with the schema", () => {
  const cases = fc
    .tuple(schemaCases, schemaCases)
    .chain(([{ schema }, { instances }]) => fc.tuple(fc.constant(schema), instances));
  fc.assert(
    fc.property(cases, ([schema, instance]) => {
      if (accepts(schema, JSON.stringify(instance))) expect(isValid(schema, instance)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("every number between whole bounds is allowed, and none outside", () => {
  const pair = fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.nat({ max: 4000 }));
  fc.assert(
    fc.property(
      pair,
      fc.integer({ min: -4000, max: 8000 }),
      fc.boolean(),
      ([min, width], value, isInteger) => {
        const schema = { type: isInteger ? "integer" : "number", minimum: min, maximum: min + width };
        expect(accepts(schema, String(value))).toBe(value >= min && value <= min + width);
        if (!isInteger) {
          expect(accepts(schema, `${value}.5`)).toBe(
            Number(`${value}.5`) >= min && Number(`${value}.5`) <= min + width,
          );
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("a constant may be any JSON value", () => {
  expect(accepts({ const: { a: [1, "\n"] } }, '{"a":[1,"\\n"]}')).toBe(true);
  expect(accepts({ const: { a: [1, "\n"] } }, '{"a":[1,"n"]}')).toBe(false);
});

test("open ends are bounded where that is asked, and given bounds stay", () => {
  const schema = {
    type: "array",
    items: { anyOf: [{ type: "string" }, { type: "string", minLength: 5, maxLength: 6 }] },
  };
  const grammar = checkGbnf(jsonSchemaGrammar(schema, { longestText: 3, mostItems: 2 }));
  const allowed = ['["abc","abcdef"]', "[]"].map((text) => matchesGbnf({ grammar, text }));
  const refused = ['["abcd"]', '["a","b","c"]'].map((text) => matchesGbnf({ grammar, text }));
  expect([allowed, refused]).toEqual([
    [true, true],
    [false, false],
  ]);
});

describe("what is allowed", () => {
  const judged = {
    type: "object",
    properties: {
      attempts: {
        type: "array",
        items: {
          type: "object",
          properties: {
            score: { type: "integer", minimum: 0, maximum: 100 },
            text: { type: "string", maxLength: 8 },
          },
          required: ["score", "text"],
          additionalProperties: false,
        },
        maxItems: 2,
      },
      why: { type: ["string", "null"] },
    },
    required: ["attempts", "why"],
  };

  it.each([
    ['{"attempts":[],"why":null}', true],
    ['{ "attempts": [\n  {"score": 7, "text": "a"}\n], "why": "b" }', true],
    ['{"attempts":[{"score":101,"text":"a"}],"why":null}', false],
    ['{"attempts":[{"score":1,"text":"123456789"}],"why":null}', false],
    ['{"why":null,"attempts":[]}', false],
    ['{"attempts":[]}', false],
    ['{"attempts":[],"why":null,"more":1}', false],
    ['{"attempts":[],"why":null} ', false],
    [`{${" ".repeat(40)}"attempts":[],"why":null}`, false],
  ])("%s: %s", (text, allowed) => {
    expect(accepts(judged, text)).toBe(allowed);
  });

  it("a schema may refer to its own parts, and to itself", () => {
    const tree = {
      $defs: { leaf: { type: "integer", minimum: 1, maximum: 9 } },
      type: "object",
      properties: { value: { $ref: "#/$defs/leaf" }, more: { type: "array", items: { $ref: "#" } } },
      required: ["value", "more"],
    };
    expect(accepts(tree, '{"value":1,"more":[{"value":2,"more":[]}]}')).toBe(true);
    expect(accepts(tree, '{"value":1,"more":[{"value":20,"more":[]}]}')).toBe(false);
  });

  it("optional members may be left out, without a stray comma", () => {
    const schema = {
      type: "object",
      properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } },
      required: ["b"],
    };
    expect(['{"b":2}', '{"a":1,"b":2}', '{"b":2,"c":3}'].every((text) => accepts(schema, text))).toBe(true);
    expect(['{"a":1}', '{,"b":2}', '{"b":2,}', "{}"].some((text) => accepts(schema, text))).toBe(false);
  });

  it("any object is what JSON.stringify makes of one", () => {
    const grammar = checkGbnf(JSON_OBJECT_GRAMMAR);
    // the decade below infinity is left out
    const texts = fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }))
      .map((value) => JSON.stringify(value))
      .filter((text) => !text.includes("e+308"));
    fc.assert(
      fc.property(texts, (text) => matchesGbnf({ grammar, text })),
      { numRuns: 60 },
    );
    expect(matchesGbnf({ grammar, text: "[1]" })).toBe(false);
  });
});

test.each([
  [{ type: "string", pattern: "a+" }, "#/pattern"],
  [{ type: "string", format: "email" }, "#/format"],
  [{ type: "object", properties: { a: { type: "number", multipleOf: 2 } } }, "#/properties/a/multipleOf"],
  [{ type: "object", additionalProperties: { type: "string" } }, "#/additionalProperties"],
  [{ oneOf: [{ type: "string" }] }, "#/type"],
  [{ type: "object", properties: {}, required: ["x"] }, "#/required"],
  [{ type: "number", minimum: 0.5 }, "#/minimum"],
  [{ type: "integer", minimum: 5, maximum: 4 }, "#"],
  [{ type: "string", maxLength: 5000 }, "#/maxLength"],
  [{ type: "array" }, "#/items"],
  [{ $ref: "https://example.com/other" }, "#/$ref"],
  [{ type: "tuple" }, "#/type"],
  ["no schema", "#"],
])("%j is refused at %s", (schema, path) => {
  const refusal = expect.objectContaining({ facts: expect.objectContaining({ path }) });
  expect(() => jsonSchemaGrammar(schema)).toThrow(refusal);
});

test.each([
  ["", "no rule named `root`"],
  ['root ::= "a', "ends in the middle"],
  ["root ::= [a", "ends in the middle"],
  ["root ::= other", "`other` has no definition"],
  ['root ::= root "a"', "`root` begins with itself"],
  ['root ::= a\na ::= b* c\nb ::= "x"\nc ::= a', "begins with itself"],
  ['root ::= ("a"?)*', "can be empty is repeated"],
  ["root = x", "`::=` is missing"],
  ['root ::= "a"{3000}', "1999"],
  ['root ::= "\\q"', "escape"],
  ["root ::= <think>", "token ids"],
  ["root ::= *", "nothing stands before"],
  ['root ::= ("a" | "b"', "`)` is missing"],
  [`root ::= ${"(".repeat(100)}"a"${")".repeat(100)}`, "inside one another"],
])("the grammar %j is refused: %s", (source, why) => {
  try {
    checkGbnf(source);
  } catch (error) {
    expect(isCode(error, "REQUEST_INVALID")).toBe(true);
    expect(String(error)).toContain(why);
    return;
  }
  throw new Error("the grammar was accepted");
});
