/** Generation within a grammar, on real weights. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatTokens } from "../../src/engine/chat-tokens.ts";
import { checkGbnf } from "../../src/engine/check-gbnf.ts";
import type { Engine, GenerationRequest } from "../../src/engine/engine.ts";
import { JSON_OBJECT_GRAMMAR, jsonSchemaGrammar } from "../../src/engine/json-schema-grammar.ts";
import { matchesGbnf } from "../support/gbnf-matcher.ts";
import { isValid } from "../support/json-schemas.ts";
import { gather, generateOne, openEngine, sampling } from "./support/engine.ts";

const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 20 },
    score: { type: "integer", minimum: 0, maximum: 100 },
    kind: { enum: ["fruit", "naïve “quote” 🍎"] },
    parts: { type: "array", items: { type: "number", minimum: -2, maximum: 2 }, minItems: 1, maxItems: 2 },
    note: { anyOf: [{ type: "string", maxLength: 12 }, { type: "null" }] },
  },
  required: ["name", "score", "kind", "parts", "note"],
  additionalProperties: false,
};
const grammar = jsonSchemaGrammar(SCHEMA);
const modes = {
  greedy: {},
  warm: { temperature: 1, seed: 3 },
  hot: { temperature: 3, seed: 4 },
  cut: { temperature: 1.5, topP: 0.9, topK: 40, minP: 0.01, repetitionPenalty: 1.1, seed: 5 },
};

let engine: Engine;
let tokens: Int32Array;
beforeAll(async () => {
  engine = await openEngine();
  tokens = await chatTokens({ engine, messages: [{ role: "user", content: "Describe an apple as JSON." }] });
});
afterAll(() => engine.close());

function requests(maxTokens: number): GenerationRequest[] {
  return Object.entries(modes).flatMap(([id, mode]): GenerationRequest[] => [
    { id, tokens, grammar, sampling: sampling({ maxTokens, ...mode }) },
    { id: `${id}, free`, tokens, sampling: sampling({ maxTokens: 8, ...mode }) },
    {
      id: `${id}, any JSON`,
      tokens,
      grammar: JSON_OBJECT_GRAMMAR,
      sampling: sampling({ maxTokens: 12, ...mode }),
    },
  ]);
}

it("what is generated is JSON of the schema, however it is sampled, and it ends by itself", async () => {
  const results = await gather(engine.generate(requests(160)));
  for (const id of Object.keys(modes)) {
    const { text = "", finish } = results.get(id) ?? {};
    expect(finish, text).toBe("stop");
    expect(isValid(SCHEMA, JSON.parse(text)), text).toBe(true);
    expect(matchesGbnf({ grammar: checkGbnf(grammar), text }), text).toBe(true);
  }
});

it("alone or together, the same bits", async () => {
  const together = await gather(engine.generate(requests(16)));
  const other = await openEngine({ slots: 3, workers: 2 });
  try {
    for (const request of requests(16)) {
      const alone = await gather(other.generate([request]));
      expect(together.get(request.id), request.id).toEqual(alone.get(request.id));
    }
  } finally {
    await other.close();
  }
});

it("a grammar that allows what the model says anyway changes nothing", async () => {
  const free = await generateOne(engine, { tokens, sampling: sampling({ maxTokens: 12 }) });
  const within = await generateOne(engine, {
    tokens,
    grammar: "root ::= [^\\x00]*",
    sampling: sampling({ maxTokens: 12 }),
  });
  expect(within).toEqual(free);
});

it("the end comes only where the grammar is complete, and there it must", async () => {
  const exact = await generateOne(engine, {
    tokens,
    grammar: 'root ::= "qqq zebra 7"',
    sampling: sampling(),
  });
  expect([exact.text, exact.finish]).toEqual(["qqq zebra 7", "stop"]);
  const cut = await generateOne(engine, {
    tokens,
    grammar: 'root ::= "x"{500}',
    sampling: sampling({ maxTokens: 5 }),
  });
  expect(cut.finish).toBe("length");
  expect(cut.text).toMatch(/^x+$/);
});

it("control tokens are not sampled where their names would fit", async () => {
  const { text, tokens: sampled } = await generateOne(engine, {
    tokens,
    grammar: 'root ::= "<|im_start|>" [a-z]{3}',
    sampling: sampling({ maxTokens: 20 }),
  });
  expect(text).toMatch(/^<\|im_start\|>[a-z]{3}$/);
  expect(sampled.length).toBeGreaterThan(3);
});

describe("refusals", () => {
  it("a grammar that can't be parsed is refused by place, before anything runs", () => {
    const bad = { id: "bad", tokens, grammar: 'root ::= "a" |\n)', sampling: sampling() };
    expect(() => engine.generate([bad])).toThrow(
      expect.objectContaining({
        code: "REQUEST_INVALID",
        facts: expect.objectContaining({ line: 2, column: 1 }),
      }),
    );
  });

  it("a grammar that only the library refuses ends its own request alone", async () => {
    const huge = { tokens, grammar: 'root ::= (("a" "b"){0,40}){1,60}', sampling: sampling() };
    await expect(generateOne(engine, huge)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    expect((await generateOne(engine, { tokens, sampling: sampling() })).text).not.toBe("");
  });
});

it("many grammars leave no memory behind", async () => {
  const cancelled = new AbortController();
  const many = Array.from(
    { length: 30 },
    (_, i): GenerationRequest => ({
      id: String(i),
      tokens,
      grammar,
      sampling: sampling({ maxTokens: 400, temperature: 1, seed: i }),
    }),
  );
  let seen = 0;
  const running = gather(
    engine.generate(many, {
      signal: cancelled.signal,
      onToken: () => {
        if (++seen === 40) cancelled.abort();
      },
    }),
  );
  await expect(running).rejects.toMatchObject({ code: "ABORTED" });
  expect(
    (await generateOne(engine, { tokens, grammar, sampling: sampling({ maxTokens: 160 }) })).finish,
  ).toBe("stop");
});
