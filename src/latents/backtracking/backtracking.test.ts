import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createRng } from "../../stats/rng.ts";
import { BACKTRACKING_SCHEMA, readBacktracking, writeBacktracking } from "./backtracking-file.ts";
import { backtrackingByLabel } from "./by-label.ts";
import { scoreLabel } from "./label-patterns.ts";
import { PhraseContrast } from "./phrase-contrast.ts";
import { madeRestarts, RESTART_SENTENCES } from "./restart-texts.ts";

describe("a label's score", () => {
  test("adds up what it says of errors and of starting over", () => {
    expect(scoreLabel("Apologizing for a mistake").score).toBe(5);
    expect(scoreLabel("the speaker admits an earlier error").score).toBe(4);
    expect(scoreLabel("sorry, What")).toEqual({ score: 2, found: ["sorry"] });
    expect(scoreLabel("bread and butter").score).toBe(0);
  });

  test("is 0 where the errors are a machine's or a measurement's", () => {
    for (const label of [
      "HTTP error status codes",
      "database error, mistakes",
      "standard error of the mean",
    ]) {
      expect(scoreLabel(label)).toEqual({ score: 0, found: [] });
    }
  });

  test("chooses latents that are alive, the best first", () => {
    const label = (index: number, text: string, frequency = 0.01) => ({ index, label: text, frequency });
    const labels = [
      label(1, "wrong"),
      label(2, "sorry"),
      label(3, "apology for a mistake"),
      label(4, "sorry", 0),
      label(5, "oops"),
    ];
    const chosen = (options = {}) => backtrackingByLabel({ labels, ...options }).map(({ latent }) => latent);
    expect(chosen()).toEqual([3, 2, 5]);
    expect(chosen({ minScore: 1 })).toEqual([3, 2, 5, 1]);
    expect(chosen({ top: 1 })).toEqual([3]);
  });
});

const LATENTS = 40;
const REAL = 7;
/** Fires in long runs, as often in phrases as elsewhere. */
const RUNS = 9;

/** Answers of 40 tokens with a phrase of six. Each latent fires on one token in eight; REAL always in the phrase as well. */
function contrastOf({ seed, texts = 24, effect = true }: { seed: number; texts?: number; effect?: boolean }) {
  const noise = createRng({ seed, stream: 5 });
  const contrast = new PhraseContrast({
    latents: LATENTS,
    settings: { permutations: 200, minFiringShare: 0.2 },
    rng: createRng({ seed }),
  });
  for (let text = 0; text < texts; text++) {
    const start = 5 + noise.below(25);
    const phrase = { start, end: start + 6 };
    const runAt = noise.below(40);
    const values = Float32Array.from({ length: 40 * LATENTS }, (_, at) => {
      const [token, latent] = [Math.floor(at / LATENTS), at % LATENTS];
      if (latent === 0) return 0;
      if (latent === RUNS) return (token - runAt + 40) % 40 < 8 ? 5 : 0;
      if (effect && latent === REAL && token >= phrase.start && token < phrase.end) return 1 + noise.next();
      return noise.below(8) === 0 ? 1 + noise.next() : 0;
    });
    contrast.add({ values, phrase });
  }
  return contrast.statistics();
}

describe("the contrast of phrases with the rest", () => {
  test("finds the latent that fires on phrases, and no other", () => {
    const found = contrastOf({ seed: 1 });
    expect(found[0]).toMatchObject({ latent: REAL, higher: 1, firingPhrase: 1 });
    expect(found[0]?.meanPhrase).toBeGreaterThan(1);
    expect(found.filter(({ q }) => q <= 0.05).map(({ latent }) => latent)).toEqual([REAL]);
    expect(found.map(({ latent }) => latent)).not.toContain(0);
  });

  test("finds nothing where phrases are like the rest, in nearly every experiment", () => {
    const false_ = Array.from({ length: 40 }, (_, seed) => contrastOf({ seed, effect: false })).filter(
      (found) => found.some(({ q }) => q <= 0.05),
    );
    expect(false_.length).toBeLessThanOrEqual(5);
  });

  test("is the same for the same seed", () => {
    expect(contrastOf({ seed: 3 })).toEqual(contrastOf({ seed: 3 }));
  });

  test("needs tokens in the phrase and around it", () => {
    const settings = { permutations: 5, minFiringShare: 0 };
    const contrast = new PhraseContrast({ latents: 1, settings, rng: createRng({ seed: 0 }) });
    const values = new Float32Array(4).fill(1);
    expect(() => contrast.add({ values, phrase: { start: 1, end: 1 } })).toThrow(RangeError);
    expect(() => contrast.add({ values, phrase: { start: 0, end: 4 } })).toThrow(RangeError);
  });
});

test("made restarts begin with another question's answer, each sentence used about as often", () => {
  const answers = Array.from({ length: 16 }, (_, i) => ({ prompt: `p${i}`, response: `r${i}` }));
  const made = madeRestarts({ answers, seed: 4 });
  for (const [i, { prompt, before, after }] of made.entries()) {
    expect(prompt).toBe(`p${i}`);
    expect(after).toBe(` r${i}`);
    expect(before).not.toBe(`r${i}`);
  }
  expect(new Set(made.map(({ before }) => before)).size).toBe(16);
  for (const sentence of RESTART_SENTENCES) {
    expect(made.filter(({ phrase }) => phrase === ` ${sentence}`)).toHaveLength(
      16 / RESTART_SENTENCES.length,
    );
  }
});

describe("a file of backtracking latents", () => {
  test("is read as it was written, and another file is refused by its name", async () => {
    await using folder = await temporaryFolder();
    const file = {
      schema: BACKTRACKING_SCHEMA,
      by: "label",
      settings: { minScore: 2, top: null },
      provenance: { version: "1", sae: { path: "/sae", hash: "h", latents: 10 } },
      latents: [{ latent: 3, label: "sorry", score: 2, found: ["sorry"] }],
    } as const;
    const at = path.join(folder.path, "backtracking.json");
    await writeBacktracking({
      path: at,
      file: { ...file, latents: [...file.latents.map((each) => ({ ...each, found: [...each.found] }))] },
    });
    expect(await readBacktracking({ path: at })).toEqual(file);
    await writeFile(at, JSON.stringify({ ...file, by: "guess" }));
    await expect(readBacktracking({ path: at })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      what: expect.stringContaining(at),
    });
  });
});
