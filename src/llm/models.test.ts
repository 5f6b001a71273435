import { expect, test } from "vitest";
import { KNOWN_LLMS, pinModel } from "./models.ts";
import { shippedPrice } from "./prices.ts";

test("a name means one model of a provider, and its own id means itself", () => {
  for (const { provider, name, id } of KNOWN_LLMS) {
    expect(pinModel({ provider, model: name }).id).toBe(id);
    expect(pinModel({ provider, model: id }).id).toBe(id);
  }
  const names = KNOWN_LLMS.map(({ provider, name }) => `${provider} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});

test("the names of Anthropic and OpenAI stand for dated ids", () => {
  for (const { provider, id } of KNOWN_LLMS.filter((each) => each.provider !== "openrouter")) {
    expect(id, provider).toMatch(/-20\d{6}$|-20\d\d-\d\d-\d\d$/);
  }
});

test.each(["claude-3-5-haiku-latest", "openrouter/auto", "gpt-4o:latest"])(
  "%s moves, and is refused",
  (model) => {
    expect(() => pinModel({ provider: "openrouter", model })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  },
);

test("a local server may call its model as it likes", () => {
  expect(pinModel({ provider: "compatible", model: "qwen3:latest" }).id).toBe("qwen3:latest");
});

test("every known model has a dated price", () => {
  for (const { provider, id } of KNOWN_LLMS) {
    expect(shippedPrice({ provider, id }), id).toMatchObject({ asOf: expect.stringMatching(/^20\d\d-/) });
  }
  expect(shippedPrice({ provider: "compatible", id: "mine" })).toBeNull();
});
