/** A corpus that was cut off is completed to the file that an uninterrupted one gives. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asksAbout } from "../../src/activations/ask-about.ts";
import { generateAnswers } from "../../src/activations/generate-answers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { openEngine } from "./support/engine.ts";

const asks = asksAbout({ topics: ["dragon", "sugar", "ticket"], rounds: 2 });
const sampling = { maxTokens: 12 };

test("a corpus that was cut off in the middle of a line ends as if it had not been", async () => {
  await using folder = await temporaryFolder();
  const engine = await openEngine();
  try {
    const whole = join(folder.path, "whole.jsonl");
    await generateAnswers({ engine, asks, file: whole, sampling, seed: 3 });
    const text = await readFile(whole, "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(asks.length);
    const cut = join(folder.path, "cut.jsonl");
    await writeFile(cut, text.slice(0, Math.floor(text.length * 0.6)));
    const documents = await generateAnswers({ engine, asks, file: cut, sampling, seed: 3 });
    expect(documents).toHaveLength(asks.length);
    expect(await readFile(cut, "utf8")).toBe(text);
    // a line is written before its end
    const lines = text.split("\n");
    await writeFile(cut, lines.slice(0, 2).join("\n"));
    await generateAnswers({ engine, asks, file: cut, sampling, seed: 3 });
    expect(await readFile(cut, "utf8")).toBe(text);
    // another list of topics must not be mixed in
    const others = asksAbout({ topics: ["river", "sugar", "ticket"], rounds: 2 });
    await expect(
      generateAnswers({ engine, asks: others, file: cut, sampling, seed: 3 }),
    ).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  } finally {
    await engine.close();
  }
});
