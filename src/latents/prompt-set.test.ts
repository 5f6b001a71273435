/** The sets for selection and for evaluation must not share a task: METHOD.md 10.1 no. 10 is what follows if they do. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isCode } from "../errors.ts";
import { loadPrompts } from "./prompt-set.ts";

const shipped = (name: string) => join(import.meta.dirname, "../../assets/prompts", name);

/** Words that say that a task is asked for, or how well it should be done, and not which task. */
const GENERIC = new Set(
  "a an the of to in on at for with by from into onto and or how do you explain up out off after two one that this have has your certain good simple properly without get give".split(
    " ",
  ),
);

function topicWords(prompt: string): string[] {
  const words = prompt.toLowerCase().match(/[a-z]+/g) ?? [];
  return words
    .filter((word) => word.length > 1 && !GENERIC.has(word))
    .map((word) => word.replace(/(es|s|ing|ed)$/, ""));
}

async function loaded(text: string): Promise<string[]> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "prompts.txt");
  await writeFile(path, text);
  return await loadPrompts({ path });
}

describe("shipped prompt sets", () => {
  test.each(["evaluation.txt", "held-out.txt"])("%s holds 19 tasks of each form", async (name) => {
    const prompts = await loadPrompts({ path: shipped(name) });
    expect(prompts).toHaveLength(38);
    expect(prompts.filter((prompt) => /^Explain how to .+\.$/.test(prompt))).toHaveLength(19);
    expect(prompts.filter((prompt) => /^How do you .+\?$/.test(prompt))).toHaveLength(19);
  });

  test("no topic word occurs in both", async () => {
    const evaluation = new Set((await loadPrompts({ path: shipped("evaluation.txt") })).flatMap(topicWords));
    const heldOut = (await loadPrompts({ path: shipped("held-out.txt") })).flatMap(topicWords);
    expect(heldOut.filter((word) => evaluation.has(word))).toEqual([]);
  });
});

describe("loadPrompts", () => {
  test("trims prompts and takes a final line break, with or without carriage returns", async () => {
    expect(await loaded("  one \r\ntwo\r\n")).toEqual(["one", "two"]);
    expect(await loaded("one\ntwo")).toEqual(["one", "two"]);
  });

  test.each([
    ["an empty file", ""],
    ["a lone line break", "\n"],
    ["an empty line", "one\n\ntwo\n"],
    ["a final blank line", "one\n\n"],
    ["a line of spaces", "one\n  \ntwo"],
    ["a repeated prompt", "one\ntwo\n one\n"],
  ])("refuses %s", async (_, text) => {
    const refusal = await loaded(text).catch((error: unknown) => error);
    expect(isCode(refusal, "PROMPT_EMPTY")).toBe(true);
  });

  test("a file in another encoding is a configuration error: its prompts would be others", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "prompts.txt");
    await writeFile(path, "Erkläre Ebbe und Flut.", "latin1");
    await expect(loadPrompts({ path })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("an unreadable file is a configuration error", async () => {
    const refusal = await loadPrompts({ path: "/nowhere/prompts.txt" }).catch((error: unknown) => error);
    expect(isCode(refusal, "CONFIG_INVALID")).toBe(true);
  });
});
