/**
 * Turns a JSON schema into a GBNF grammar whose texts are JSON of that schema. The subset is that of OpenAI's structured outputs, with
 * lengths and bounds; a keyword outside of it is refused by name, never ignored. Properties come in the order in which the schema lists them.
 * White space is bounded, so that a model can't go on with it for ever.
 */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { MAX_REPETITIONS } from "./gbnf.ts";
import { integerGrammar, type NumberBounds, numberGrammar } from "./number-grammar.ts";

const SHARED_RULES = [
  'ws ::= "" | " " | "\\n" " "{0,16}',
  // no surrogates: they are no characters, and UTF-8 has no bytes for them
  'char ::= [ !#-\\[\\]-\\uD7FF\\uE000-\\U0010FFFF] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})',
].join("\n");

/** Any JSON object: OpenAI's `json_object`. */
export const JSON_OBJECT_GRAMMAR = `root ::= object
object ::= "{" ws (member ("," ws member)*)? "}"
member ::= string ":" ws value ws
array ::= "[" ws (element ("," ws element)*)? "]"
element ::= value ws
value ::= object | array | string | number | "true" | "false" | "null"
string ::= "\\"" char* "\\""
number ::= ${numberGrammar({ min: null, max: null })}
${SHARED_RULES}
`;

const MAX_DEPTH = 64;

const length = z.int().nonnegative().max(MAX_REPETITIONS).optional();
const bound = z.int().optional();
const free = z.unknown().optional();
/** Keywords that say nothing about which texts are allowed. */
const notes = {
  title: free,
  description: free,
  default: free,
  examples: free,
  deprecated: free,
  readOnly: free,
  writeOnly: free,
  $comment: free,
  $schema: free,
  $id: free,
  $defs: free,
  definitions: free,
};
const bounds = { minimum: bound, maximum: bound, ...notes };
const Any = z.record(z.string(), z.unknown());
const Reference = z.strictObject({ $ref: z.string(), ...notes });
const AnyOf = z.strictObject({ anyOf: z.array(z.unknown()).min(1), ...notes });
const Values = z.strictObject({ enum: z.array(z.json()).min(1), type: free, ...notes });
const Constant = z.strictObject({ const: z.json(), type: free, ...notes });
const Types = z.union([z.string(), z.array(z.string()).min(1)]);
const KINDS = {
  object: z.strictObject({
    type: free,
    properties: Any.default({}),
    required: z.array(z.string()).default([]),
    additionalProperties: z.literal(false).optional(),
    ...notes,
  }),
  array: z.strictObject({
    type: free,
    items: z.unknown(),
    minItems: length,
    maxItems: length,
    ...notes,
  }),
  string: z.strictObject({ type: free, minLength: length, maxLength: length, ...notes }),
  integer: z.strictObject({ type: free, exclusiveMinimum: bound, exclusiveMaximum: bound, ...bounds }),
  number: z.strictObject({ type: free, ...bounds }),
  boolean: z.strictObject({ type: free, ...notes }),
  null: z.strictObject({ type: free, ...notes }),
};

/** Bounds for what a schema leaves open, so that a small model comes to an end. The grammar allows less than the schema then. */
export interface OpenEnds {
  /** Characters of a text without `maxLength`. */
  longestText?: number;
  /** Items of a list without `maxItems`. */
  mostItems?: number;
}

/** GBNF with the start rule `root`. Throws REQUEST_INVALID naming the keyword that is not supported and where it stands. */
export function jsonSchemaGrammar(schema: unknown, openEnds: OpenEnds = {}): string {
  return new Builder(schema, openEnds).grammar();
}

class Builder {
  readonly #schema: unknown;
  readonly #openEnds: OpenEnds;
  /** Rule names by body: equal parts share a rule. */
  readonly #rules = new Map<string, string>();
  /** Rule names by reference, and the bodies once they are known. */
  readonly #references = new Map<string, { name: string; body: string }>();

  constructor(schema: unknown, openEnds: OpenEnds) {
    this.#schema = schema;
    this.#openEnds = openEnds;
  }

  grammar(): string {
    const root = this.#node(this.#schema, "#", 0);
    return [
      `root ::= ${root}`,
      ...[...this.#rules].map(([body, name]) => `${name} ::= ${body}`),
      ...[...this.#references.values()].map(({ name, body }) => `${name} ::= ${body}`),
      SHARED_RULES,
      "",
    ].join("\n");
  }

  /** A GBNF expression that can stand in a sequence. */
  #node(given: unknown, path: string, depth: number): string {
    if (depth > MAX_DEPTH) {
      throw unsupported(path, `it is more than ${MAX_DEPTH} levels deep`);
    }
    const { nullable, ...schema } = parse(Any, given, path);
    if (nullable === true) {
      return `(${this.#node(schema, path, depth)} | "null")`;
    }
    if ("$ref" in schema) {
      return this.#reference(parse(Reference, schema, path).$ref, path, depth);
    }
    if ("anyOf" in schema) {
      const branches = parse(AnyOf, schema, path).anyOf;
      return alternatives(branches.map((branch, i) => this.#node(branch, `${path}/anyOf/${i}`, depth + 1)));
    }
    if ("enum" in schema) {
      return alternatives(
        parse(Values, schema, path).enum.map((value) => quoteLiteral(JSON.stringify(value))),
      );
    }
    if ("const" in schema) {
      return quoteLiteral(JSON.stringify(parse(Constant, schema, path).const));
    }
    const types = parse(Types, schema.type, `${path}/type`);
    if (typeof types === "string") {
      return this.#typed(types, schema, path, depth);
    }
    const some = types.filter((type) => type !== "null");
    const branches = some.map((type) => this.#typed(type, schema, path, depth));
    return alternatives(some.length < types.length ? [...branches, '"null"'] : branches);
  }

  #typed(type: string, schema: unknown, path: string, depth: number): string {
    switch (type) {
      case "object":
        return this.#object(parse(KINDS.object, schema, path), path, depth);
      case "array":
        return this.#array(parse(KINDS.array, schema, path), path, depth);
      case "string": {
        const { minLength = 0, maxLength = this.#openEnds.longestText } = parse(KINDS.string, schema, path);
        return this.#rule(`"\\"" char${repeated(minLength, maxLength, path)} "\\""`);
      }
      case "integer": {
        const found = parse(KINDS.integer, schema, path);
        return this.#rule(integerGrammar(boundsOf(found, path)));
      }
      case "number":
        return this.#rule(numberGrammar(boundsOf(parse(KINDS.number, schema, path), path)));
      case "boolean":
        parse(KINDS.boolean, schema, path);
        return '("true" | "false")';
      case "null":
        parse(KINDS.null, schema, path);
        return '"null"';
      default:
        throw unsupported(`${path}/type`, `"${type}" is no type of this subset`);
    }
  }

  #object({ properties, required }: z.output<typeof KINDS.object>, path: string, depth: number): string {
    const unknown = required.find((name) => !(name in properties));
    if (unknown !== undefined) {
      throw unsupported(`${path}/required`, `"${unknown}" is not among the properties`);
    }
    const members = Object.entries(properties).map(([name, schema]) => ({
      optional: !required.includes(name),
      text: `${quoteLiteral(JSON.stringify(name))} ":" ws ${this.#node(schema, `${path}/properties/${name}`, depth + 1)} ws`,
    }));
    // from the last member to the first: what may follow when a member has come before, and when none has
    let [after, before] = ["", ""];
    for (const { optional, text } of members.toReversed()) {
      const rest = after === "" ? "" : ` ${after}`;
      const nextAfter = `"," ws ${text}${rest}`;
      const nextBefore = `${text}${rest}`;
      before = this.#rule(optional ? `${nextBefore} | ${before === "" ? '""' : before}` : nextBefore);
      after = this.#rule(optional ? `${nextAfter} | ${after === "" ? '""' : after}` : nextAfter);
    }
    return this.#rule(`"{" ws ${before} "}"`);
  }

  #array(
    { items, minItems = 0, maxItems = this.#openEnds.mostItems }: z.output<typeof KINDS.array>,
    path: string,
    depth: number,
  ): string {
    repeated(minItems, maxItems, path);
    if (maxItems === 0) {
      return '"[" ws "]"';
    }
    const item = this.#rule(`${this.#node(items, `${path}/items`, depth + 1)} ws`);
    const more = this.#rule(`"," ws ${item}`);
    const count = repeated(
      Math.max(0, minItems - 1),
      maxItems === undefined ? undefined : maxItems - 1,
      path,
    );
    const filled = `${item} ${more}${count}`;
    return this.#rule(`"[" ws ${minItems === 0 ? `(${filled})?` : filled} "]"`);
  }

  #reference(pointer: string, path: string, depth: number): string {
    const known = this.#references.get(pointer);
    if (known !== undefined) {
      return known.name;
    }
    const entry = { name: `ref${this.#references.size}`, body: "" };
    this.#references.set(pointer, entry);
    entry.body = this.#node(this.#resolve(pointer, path), pointer, depth + 1);
    return entry.name;
  }

  #resolve(pointer: string, path: string): unknown {
    if (pointer !== "#" && !pointer.startsWith("#/")) {
      throw unsupported(`${path}/$ref`, `"${pointer}" points outside of the schema`);
    }
    let found: unknown = this.#schema;
    for (const part of pointer.split("/").slice(1)) {
      const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      found = typeof found === "object" && found !== null ? new Map(Object.entries(found)).get(key) : null;
    }
    if (found === undefined || found === null) {
      throw unsupported(`${path}/$ref`, `there is nothing at "${pointer}"`);
    }
    return found;
  }

  #rule(body: string): string {
    const known = this.#rules.get(body);
    if (known !== undefined) {
      return known;
    }
    const name = `r${this.#rules.size}`;
    this.#rules.set(body, name);
    return name;
  }
}

function alternatives(branches: string[]): string {
  return `(${branches.join(" | ")})`;
}

function repeated(min: number, max: number | undefined, path: string): string {
  if (max !== undefined && max < min) {
    throw unsupported(path, `its least size ${min} is above its greatest ${max}`);
  }
  return max === undefined && min === 0 ? "*" : `{${min},${max ?? ""}}`;
}

interface FoundBounds {
  minimum?: number | undefined;
  maximum?: number | undefined;
  exclusiveMinimum?: number | undefined;
  exclusiveMaximum?: number | undefined;
}

function boundsOf(found: FoundBounds, path: string): NumberBounds {
  const lows = [found.minimum, found.exclusiveMinimum === undefined ? undefined : found.exclusiveMinimum + 1];
  const highs = [
    found.maximum,
    found.exclusiveMaximum === undefined ? undefined : found.exclusiveMaximum - 1,
  ];
  const min = Math.max(...lows.map((low) => low ?? Number.NEGATIVE_INFINITY));
  const max = Math.min(...highs.map((high) => high ?? Number.POSITIVE_INFINITY));
  if (min > max) {
    throw unsupported(path, `no number lies between ${min} and ${max}`);
  }
  return { min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
}

/** A text as a GBNF literal. */
function quoteLiteral(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replace(/\p{Cc}/gu, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

function parse<T extends z.ZodType>(type: T, value: unknown, path: string): z.output<T> {
  const parsed = type.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") {
    throw unsupported(`${path}/${issue.keys[0]}`, "this keyword is not supported here");
  }
  const place = [path, ...(issue?.path ?? [])].join("/");
  throw unsupported(
    place,
    (issue?.message ?? "it can't be read").replace(/^./, (c) => c.toLowerCase()),
  );
}

function unsupported(path: string, why: string): CountersteerError {
  return new CountersteerError("REQUEST_INVALID", {
    what: `The JSON schema can't be forced at ${path}.`,
    why: `${why.replace(/^./, (c) => c.toUpperCase())}.`,
    todo: "Use objects with listed properties, arrays, strings, numbers with whole bounds, booleans, null, enum, const, anyOf and $ref.",
    facts: { path },
  });
}
