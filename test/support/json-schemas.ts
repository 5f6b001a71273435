/** Random JSON schemas of the subset that a grammar can force, each with random instances and a validator of zod's own. */
import fc from "fast-check";
import { z } from "zod";

export interface SchemaCase {
  schema: Record<string, unknown>;
  instances: fc.Arbitrary<unknown>;
}

/** zod's reading of a schema: the judge of what a grammar lets through. */
export function isValid(schema: Record<string, unknown>, value: unknown): boolean {
  // the schemas made here are plain JSON
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).success;
}

const bounded = fc
  .tuple(fc.integer({ min: -1200, max: 1200 }), fc.nat({ max: 1500 }))
  .map(([minimum, width]) => ({ minimum, maximum: minimum + width }));

const integerCase = fc.oneof(
  bounded.map(
    ({ minimum, maximum }): SchemaCase => ({
      schema: { type: "integer", minimum, maximum },
      instances: fc.integer({ min: minimum, max: maximum }),
    }),
  ),
  fc.constant<SchemaCase>({ schema: { type: "integer" }, instances: fc.maxSafeInteger() }),
);
const numberCase = fc.oneof(
  bounded.map(
    ({ minimum, maximum }): SchemaCase => ({
      schema: { type: "number", minimum, maximum },
      instances: fc.oneof(
        fc.double({ min: minimum, max: maximum, noNaN: true }),
        fc.integer({ min: minimum, max: maximum }),
      ),
    }),
  ),
  fc.constant<SchemaCase>({
    schema: { type: "number" },
    instances: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e307, max: 1e307 }),
  }),
);
const text = (sizes: { minLength: number; maxLength: number }) =>
  fc.string({
    ...sizes,
    unit: fc.oneof(
      fc.constantFrom('"', "\\", "\n", "\u0001", "é", "/"),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
  });
const stringCase = fc.oneof(
  fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 6 })).map(([minLength, more]): SchemaCase => {
    const sizes = { minLength, maxLength: minLength + more };
    return { schema: { type: "string", ...sizes }, instances: text(sizes) };
  }),
  fc
    .uniqueArray(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 4 })
    .map((values): SchemaCase => ({ schema: { enum: values }, instances: fc.constantFrom(...values) })),
);
const plainCase = fc.constantFrom<SchemaCase>(
  { schema: { type: "boolean" }, instances: fc.boolean() },
  { schema: { type: "null" }, instances: fc.constant(null) },
  { schema: { const: "x" }, instances: fc.constant("x") },
);

export const schemaCases: fc.Arbitrary<SchemaCase> = fc.letrec<{ any: SchemaCase }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    integerCase,
    numberCase,
    stringCase,
    plainCase,
    fc.tuple(tie("any"), fc.nat({ max: 2 }), fc.nat({ max: 2 })).map(
      ([item, minItems, more]): SchemaCase => ({
        schema: { type: "array", items: item.schema, minItems, maxItems: minItems + more },
        instances: fc.array(item.instances, { minLength: minItems, maxLength: minItems + more }),
      }),
    ),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map(
      (branches): SchemaCase => ({
        schema: { anyOf: branches.map(({ schema }) => schema) },
        instances: fc.oneof(...branches.map(({ instances }) => instances)),
      }),
    ),
    tie("any").map(
      ({ schema, instances }): SchemaCase => ({
        schema: { anyOf: [schema, { type: "null" }] },
        instances: fc.option(instances),
      }),
    ),
    fc
      .array(fc.tuple(fc.stringMatching(/^[a-z]["\\é_A-Z]{0,3}$/), fc.boolean(), tie("any")), {
        maxLength: 4,
      })
      .map(objectCase),
  ),
})).any;

function objectCase(members: [string, boolean, SchemaCase][]): SchemaCase {
  const unique = [...new Map(members.map((member) => [member[0], member])).values()];
  const required = unique.filter(([, isRequired]) => isRequired).map(([name]) => name);
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(unique.map(([name, , { schema }]) => [name, schema])),
      required,
      additionalProperties: false,
    },
    instances: fc.record(Object.fromEntries(unique.map(([name, , { instances }]) => [name, instances])), {
      requiredKeys: required,
      noNullPrototype: true,
    }),
  };
}
