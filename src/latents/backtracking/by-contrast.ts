/** Backtracking latents by what they do: they fire more on restart wording than around it. */
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import type { Label } from "../../sae/labels.ts";
import { createRng } from "../../stats/rng.ts";
import { captureLatents } from "../detectors/capture-latents.ts";
import { provenanceOf } from "../detectors/provenance.ts";
import { BACKTRACKING_SCHEMA, type BacktrackingByContrast } from "./backtracking-file.ts";
import { PhraseContrast } from "./phrase-contrast.ts";
import type { RestartText } from "./restart-texts.ts";

export interface ByContrastOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  texts: readonly RestartText[];
  /** What the texts come from, for the file. */
  source: readonly string[];
  /** @default 1000 */
  permutations?: number;
  /** @default 0.2 */
  minFiringShare?: number;
  /** False discovery rate. @default 0.05 */
  alpha?: number;
  /** Latents at most; the paper has 16. @default 16 */
  top?: number | null;
  /** @default none */
  labels?: readonly Pick<Label, "index" | "label">[];
  seed: number;
  /** Of this package, for the file. */
  version: string;
  signal?: AbortSignal | undefined;
  onReading?: ((done: number) => void) | undefined;
}

const LEAST_TEXTS = 4;

/** Read without steering, at the dictionary's layer. Throws CONFIG_INVALID for too few texts, and what the engine throws. */
export async function backtrackingByContrast(options: ByContrastOptions): Promise<BacktrackingByContrast> {
  const { engine, dictionary, layer, source, seed, version, signal, onReading } = options;
  const { permutations = 1000, minFiringShare = 0.2, alpha = 0.05, top = 16, labels = [] } = options;
  const texts = options.texts.filter(isUsable);
  if (texts.length < LEAST_TEXTS) throw tooFew({ texts: texts.length, source });
  const { latents } = dictionary;
  const rng = createRng({ seed });
  const contrast = new PhraseContrast({ latents, settings: { permutations, minFiringShare }, rng });
  const sequences = texts.map(({ tokens }) => tokens);
  const waiting = new Map<number, Float32Array>();
  let next = 0;
  for await (const { index, values } of captureLatents({ engine, dictionary, layer, sequences, signal })) {
    waiting.set(index, values);
    // in the order of the texts, so that the placements do not depend on which text is read first
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      const { from, phrase } = texts[next] ?? NO_TEXT;
      contrast.add({
        values: ready.subarray(from * latents),
        phrase: { start: phrase.start - from, end: phrase.end - from },
      });
      waiting.delete(next);
      next += 1;
      onReading?.(next);
    }
  }
  const tested = contrast.statistics();
  const eligible = tested.filter(({ q, z }) => q <= alpha && z > 0);
  const names = new Map(labels.map(({ index, label }) => [index, label]));
  return {
    schema: BACKTRACKING_SCHEMA,
    by: "contrast",
    settings: { permutations, minFiringShare, alpha, top, source: [...source] },
    texts: texts.length,
    tested: tested.length,
    eligible: eligible.length,
    provenance: provenanceOf({
      engine,
      dictionary,
      layer,
      prompts: texts.map(({ tokens, from }) => tokens.slice(0, from).join(" ")),
      answers: texts.map(({ tokens, from }) => ({
        prompt: tokens.slice(0, from).join(" "),
        response: tokens.slice(from).join(" "),
      })),
      seed,
      version,
    }),
    latents: eligible
      .slice(0, top ?? undefined)
      .map(({ latent, ...rest }) => ({ latent, label: names.get(latent) ?? null, ...rest })),
  };
}

const NO_TEXT = { from: 0, phrase: { start: 0, end: 0 } };

/** The phrase has tokens, and the answer has others. */
function isUsable({ tokens, from, phrase }: RestartText): boolean {
  const width = phrase.end - phrase.start;
  return phrase.start >= from && width > 0 && tokens.length - from > width;
}

function tooFew(facts: { texts: number; source: readonly string[] }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${facts.texts} texts with a restart are too few to find backtracking latents.`,
    why: `They are told from other latents by at least ${LEAST_TEXTS} restart phrases.`,
    todo: "Give runs or documents with more restarts, or leave both out: restarts are then made of the model's own answers.",
    facts,
  });
}
