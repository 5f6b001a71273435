import { expect, test } from "vitest";
import { KNOWN_MODELS } from "./known-models.ts";
import { originalName } from "./original-name.ts";

test.each(KNOWN_MODELS.map(({ name }) => name))("%s has its makers' name", (name) => {
  expect(originalName({ name })).toMatch(/^[\w-]+\/[\w.-]+$/);
  expect(originalName({ name })).not.toMatch(/gguf/i);
});
