import { expect, test } from "vitest";
import { offeredAdapters } from "./offered-adapters.ts";

test("files go by their own names, and none takes the place of another", () => {
  const shipped = new Map([["resist", "/package/resist/adapter.gguf"]]);
  expect([...offeredAdapters({ shipped, files: ["a/resist.gguf", "b/mine", "c/mine.GGUF"] })]).toEqual([
    ["resist", "/package/resist/adapter.gguf"],
    ["resist-2", "a/resist.gguf"],
    ["mine", "b/mine"],
    ["mine-2", "c/mine.GGUF"],
  ]);
});
