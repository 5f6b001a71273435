/** `latents detectors` and `latents controls` together, on the default model and six short answers. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readControls } from "../../src/latents/controls/control-file.ts";
import { answerTokens } from "../../src/latents/detectors/answer-tokens.ts";
import { readDetectors } from "../../src/latents/detectors/detector-file.ts";
import { readPairs } from "../../src/latents/detectors/read-pairs.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCli } from "./support/cli.ts";
import { captureOne, openEngine } from "./support/engine.ts";

const PROMPTS = [
  "How do I bake bread?",
  "What is a volcano?",
  "How do I change a tyre?",
  "Why is the sky blue?",
  "How do birds fly?",
  "What does a bank do?",
];

async function cli(args: string[]): Promise<void> {
  const { code, stdout, stderr } = await runCli({ args: [...args, "--workers", "1", "--json"] });
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
}

it("finds detectors in the model's answers, reads the pairs that it says, and matches controls to them", async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await writeFile(at("prompts.txt"), PROMPTS.join("\n"));
  // three prompts a side can't reach a false discovery rate of 0.05, so the test asks for none
  const find = ["latents", "detectors", "--prompts", at("prompts.txt"), "--answers", "6"];
  const limits = ["--max-tokens", "24", "--alpha", "1", "--min-firing", "0.5", "--top", "5", "--seed", "1"];
  await cli([...find, ...limits, "--out", at("detectors.json")]);
  const found = await readDetectors({ path: at("detectors.json") });
  if (found.origin !== "found") throw new Error("not a found set");
  expect(found.detectors).toHaveLength(5);
  expect(found.derangements).toEqual({ selection: 2, confirmation: 2 });
  expect([...found.prompts.selection, ...found.prompts.confirmation].toSorted()).toEqual(PROMPTS.toSorted());
  for (const { selection, confirmation } of found.detectors) {
    expect(selection.auc).toBeGreaterThan(0.5);
    expect(confirmation).not.toBeNull();
  }

  const [first, second] = found.answers;
  if (first === undefined || second === undefined) throw new Error("no answers");
  const dictionary = openDictionary({ path: found.provenance.sae.path });
  const engine = await openEngine();
  try {
    const { layer } = found.provenance;
    const readings = await readPairs({
      engine,
      dictionary,
      layer,
      prompts: [first.prompt, second.prompt],
      answers: [first, second],
      partners: [[1, 0]],
      pooling: "mean",
      tokens: "response",
      maxTokens: 24,
    });
    const { tokens, from } = await answerTokens({
      engine,
      prompt: second.prompt,
      response: first.response,
      scope: "response",
      maxTokens: 24,
    });
    const { latents, path } = dictionary;
    const values = await captureOne(engine, {
      tokens,
      layer,
      what: { kind: "latents", sae: path, latents: [] },
    });
    expect(tokens.length - from).toBeLessThanOrEqual(24);
    for (const { latent } of found.detectors) {
      let sum = 0;
      for (let row = from; row < tokens.length; row++) sum += values[row * latents + latent] ?? 0;
      expect(readings.off[latent]).toBeCloseTo(sum / (tokens.length - from), 4);
    }
  } finally {
    await engine.close();
    dictionary.close();
  }

  const draw = [
    "latents",
    "controls",
    "--detectors",
    at("detectors.json"),
    "--sets",
    "2",
    "--max-tokens",
    "24",
  ];
  await cli([...draw, "--caliper", "1", "--out", at("controls.json")]);
  const controls = await readControls({ path: at("controls.json") });
  expect(controls.provenance.sae.hash).toBe(found.provenance.sae.hash);
  const pairs = controls.sets.flatMap((set) => set.pairs);
  expect(pairs.length + controls.unmatched.reduce((sum, { sets }) => sum + sets, 0)).toBe(10);
  expect(pairs.length).toBeGreaterThan(0);
  const fires = new Map(controls.firing.map(({ latent, frequency }) => [latent, frequency]));
  for (const { control } of pairs) expect(fires.get(control)).toBeGreaterThan(0);
});
