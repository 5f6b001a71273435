import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runInProcess } from "../../../test/support/cli-in-process.ts";
import { correction, normalRecord } from "../../../test/support/finetune-records.ts";
import { startLlmServer } from "../../../test/support/llm-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { register } from "./data.ts";

const data = (...args: string[]) => runInProcess({ register, args: ["data", ...args] });

test("without --out nothing is begun", async () => {
  const { code, stderr } = await data("--examples", "1");
  expect(code).not.toBe(0);
  expect(stderr).toContain("CONFIG_INVALID");
  expect(stderr).toContain("--out");
});

test("prompts that evaluate are refused before the model is opened", async () => {
  await using folder = await temporaryFolder();
  const prompts = join(folder.path, "prompts.txt");
  await writeFile(prompts, "Explain how to cook a simple omelette.\n");
  const result = await data(
    "--out",
    join(folder.path, "x.jsonl"),
    "--prompts",
    prompts,
    "--model",
    "/no/model.gguf",
  );
  expect(result.code).not.toBe(0);
  expect(result.stderr).toContain("FINETUNE_CONTAMINATED");
});

test("show prints examples with brackets around what is masked, and as JSON the records themselves", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "data.jsonl");
  await writeFile(
    file,
    [correction(), normalRecord()].map((record) => `${JSON.stringify(record)}\n`).join(""),
  );
  const text = await data("show", file);
  expect(text.stdout).toContain("\u27E6The dragon slept");
  expect(text.stdout).toContain("n0001");
  const json: unknown = JSON.parse((await data("show", file, "--kind", "normal", "--json")).stdout);
  expect(json).toEqual({ file, of: 1, examples: [normalRecord()] });
});

test("the reference's lines are imported, and refused where they are about prompts that evaluate", async () => {
  await using folder = await temporaryFolder();
  const [source, out] = [join(folder.path, "mask.jsonl"), join(folder.path, "data.jsonl")];
  const turn = (prompt: string) =>
    `<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n${prompt}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n`;
  const line = (prompt: string) =>
    `${JSON.stringify({
      segments: [
        { label: false, text: `${turn(prompt)}Castles have moats.` },
        { label: true, text: "\n\nWait, that's not what you asked. Go on slowly.<|eot_id|>" },
      ],
    })}\n`;
  await writeFile(source, line("How do you walk a tightrope?"));
  const imported = await data("import", source, "--to", out, "--share", "0", "--json");
  expect(JSON.parse(imported.stdout)).toMatchObject({
    counts: { selfCorrection: { train: 1, validation: 0 } },
  });
  expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({ prompt: "How do you walk a tightrope?" });

  await writeFile(source, line("How do you cook a simple omelette?"));
  expect((await data("import", source, "--to", out)).stderr).toContain("FINETUNE_CONTAMINATED");
  const allowed = await data("import", source, "--to", out, "--allow-contamination", "--json");
  expect(JSON.parse(allowed.stdout)).toMatchObject({ contamination: { found: 1 } });
});

test("a language model writes by the same command", async () => {
  await using folder = await temporaryFolder();
  const out = join(folder.path, "data.jsonl");
  const prompts = join(folder.path, "prompts.txt");
  await writeFile(prompts, "How do you walk a tightrope?\nHow do you tame a lion?\n");
  await using server = await startLlmServer({
    answer: ({ prompt }, i) =>
      JSON.stringify({
        ...(prompt.includes("Other subject") ? { offTopic: `Castle ${i} has a moat and a gate.` } : {}),
        answer: `Begin with ${i + 2} slow steps and go on from there.`,
      }),
  });
  const result = await data(
    ...["--source", "llm", "--writer", "w", "--writer-base-url", server.url, "--cache-dir", folder.path],
    ...["--prompts", prompts, "--examples", "2", "--normal", "2", "--out", out, "--preview", "2", "--json"],
  );
  expect(result.code).toBe(0);
  const json: unknown = JSON.parse(result.stdout);
  expect(json).toMatchObject({ source: "llm", costUsd: 0 });
  expect(json).toHaveProperty("examples.length", 2);
});
