import { expect, test } from "vitest";
import { checkContext } from "./check-context.ts";
import { parseConfig } from "./config.ts";
import type { Session } from "./session.ts";

function check({ contextPerSlot, maxTokens }: { contextPerSlot: number; maxTokens: number }): Promise<void> {
  const session = {
    engine: { build: { contextPerSlot }, info: { contextLength: 8192 } },
    prompts: { evaluation: ["four letters too many", "four"], heldOut: ["abcdef"] },
    sampling: { maxTokens },
    config: parseConfig({ settings: { threshold: { maxTokens: 10 } }, source: "test" }),
    tokensOf: async (text: string) => new Int32Array(text.length),
  };
  // of the engine only the two numbers are read
  return checkContext({ session: session as unknown as Session });
}

test("one prompt that fits is enough, none is refused", async () => {
  await expect(check({ contextPerSlot: 24, maxTokens: 20 })).resolves.toBeUndefined();
  await expect(check({ contextPerSlot: 23, maxTokens: 20 })).rejects.toMatchObject({
    code: "CONTEXT_OVERFLOW",
    facts: { prompts: "evaluation", promptTokens: 4, newTokens: 20 },
  });
});

test("answers of the threshold search have to fit too", async () => {
  await expect(check({ contextPerSlot: 15, maxTokens: 4 })).rejects.toMatchObject({
    code: "CONTEXT_OVERFLOW",
    facts: { prompts: "held-out", promptTokens: 6, newTokens: 10 },
  });
});
