/** `npm run doses`: does steering with the default dictionary drift from on topic to off topic to broken? Stores bench/results/doses.json. */
import { rename, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { calibrationFor, judgeOf } from "../src/experiment/calibrate-judge.ts";
import { chooseLatents } from "../src/experiment/choose-latents.ts";
import { parseConfig } from "../src/experiment/config.ts";
import { PRESETS } from "../src/experiment/presets.ts";
import { openSession } from "../src/experiment/session.ts";
import { measureStrengthRange } from "../src/experiment/strength-range.ts";
import { drawPrompts, keyedSeed } from "../src/experiment/units.ts";
import { cacheDir } from "../src/model/cache-dir.ts";
import { isDegraded } from "../src/stats/degraded.ts";
import type { DoseResult } from "./dose-table.ts";

const DOSES = [0, 0.2, 0.4, 0.6, 0.9];
const PROMPTS = 8;
const MAX_TOKENS = 100;
const LATENTS = 10;

const folder = cacheDir({ override: process.env.COUNTERSTEER_CACHE });
const config = parseConfig({
  settings: { ...PRESETS.demo, designs: ["baseline", "esr"], latents: { count: LATENTS }, seed: 3 },
  source: "bench/doses.ts",
});
const session = await openSession({
  config,
  machine: { cacheDir: folder, workers: availableParallelism(), contextPerSlot: 512 },
});
const { engine, dictionary, layer, prompts, sampling, tokensOf, labels } = session;
try {
  const calibration = await calibrationFor({ session, cacheDir: folder });
  const judge = await judgeOf({ session, calibration });
  const chosen = await chooseLatents({ session });
  const { meanNorm } = await measureStrengthRange({
    engine,
    dictionary,
    layer,
    prompts: await Promise.all(prompts.heldOut.slice(0, 8).map(tokensOf)),
  });
  const asked = chosen.flatMap(({ latent }) => {
    const seed = keyedSeed("doses", config.seed, latent);
    const drawn = drawPrompts({ prompts: prompts.evaluation.length, count: PROMPTS, seed });
    const strengthOf = (dose: number) => (dose * meanNorm) / Math.hypot(...dictionary.direction(latent));
    return DOSES.flatMap((dose) =>
      drawn.map((promptIndex, i) => ({
        id: `${latent}:${dose}:${i}`,
        latent,
        dose,
        strength: strengthOf(dose),
        prompt: prompts.evaluation[promptIndex] ?? "",
        seed: seed + i,
      })),
    );
  });
  const requests = await Promise.all(
    asked.map(async ({ id, latent, dose, strength, prompt, seed }) => ({
      id,
      tokens: await tokensOf(prompt),
      sampling: { ...sampling, maxTokens: MAX_TOKENS, seed },
      ...(dose === 0
        ? {}
        : {
            intervention: {
              layer,
              positions: { kind: "all" as const },
              edits: [{ kind: "add" as const, direction: { sae: dictionary.path, latent }, strength }],
            },
          }),
    })),
  );
  const byId = new Map(asked.map((each) => [each.id, each]));
  const answers = new Map<string, { text: string; degraded: boolean }>();
  const items = [];
  for await (const { id, text, tokens, offsets } of engine.generate(requests)) {
    const { prompt = "" } = byId.get(id) ?? {};
    answers.set(id, { text, degraded: isDegraded(text) });
    items.push({
      id,
      prompt,
      promptTokens: await tokensOf(prompt),
      response: text,
      responseTokens: tokens,
      offsets,
    });
    if (answers.size % 50 === 0) console.log(`${answers.size} of ${requests.length} answers`);
  }
  const parts = new Map<string, { score: number; onTopic: number; fluency: number }>();
  for await (const { id, judgement } of judge.judge(items)) {
    const [attempt] = judgement.attempts;
    if (attempt === undefined || attempt.score === null) continue;
    const { onTopic = Number.NaN, fluency = Number.NaN } = attempt.components;
    parts.set(id, { score: attempt.score, onTopic, fluency });
  }
  const mean = (values: number[]) =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = (dose: number, of: (part: { score: number; onTopic: number; fluency: number }) => number) =>
    mean(
      asked
        .filter((each) => each.dose === dose)
        .flatMap(({ id }) => {
          const part = parts.get(id);
          return part === undefined ? [] : [of(part)];
        }),
    );
  const [example] = chosen;
  const result: DoseResult = {
    model: { name: engine.info.name, weightType: engine.info.weightType },
    sae: { latents: dictionary.latents, layer, hash: dictionary.hash() },
    meanNorm,
    answers: { perCell: PROMPTS, tokens: MAX_TOKENS, unscored: asked.length - parts.size },
    doses: DOSES.map((dose) => ({
      dose,
      score: at(dose, ({ score }) => score),
      onTopic: at(dose, ({ onTopic }) => 100 * onTopic),
      fluency: at(dose, ({ fluency }) => 100 * fluency),
      degraded:
        mean(
          asked
            .filter((each) => each.dose === dose)
            .map(({ id }) => Number(answers.get(id)?.degraded === true)),
        ) ?? 0,
    })),
    latents: chosen.map(({ latent }) => ({
      latent,
      label: labels.find(({ index }) => index === latent)?.label ?? "",
      scores: DOSES.map((dose) =>
        mean(
          asked
            .filter((each) => each.latent === latent && each.dose === dose)
            .flatMap(({ id }) => parts.get(id)?.score ?? []),
        ),
      ),
    })),
    examples: DOSES.map((dose) => ({
      dose,
      prompt: byId.get(`${example?.latent}:${dose}:0`)?.prompt ?? "",
      text: (answers.get(`${example?.latent}:${dose}:0`)?.text ?? "").replace(/\s+/g, " ").slice(0, 240),
    })),
  };
  const file = fileURLToPath(new URL("./results/doses.json", import.meta.url));
  await writeFile(`${file}.tmp`, `${JSON.stringify(result, null, 2)}\n`);
  await rename(`${file}.tmp`, file);
  console.log(JSON.stringify(result, null, 1));
} finally {
  await session.close();
}
