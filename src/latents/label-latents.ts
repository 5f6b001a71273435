/** From what one pass over a corpus collected to a label for every latent. */
import type { Label } from "../sae/labels.ts";
import type { CollectedContexts } from "./collect-contexts.ts";
import type { LatentContexts } from "./contexts-file.ts";
import { offlineLabel } from "./offline-label.ts";
import { peakOf } from "./peak-word.ts";
import type { PromotedTokens } from "./promoted-tokens.ts";
import { textContextOf } from "./text-context.ts";
import type { TokenTexts } from "./token-texts.ts";
import type { WordVectors } from "./word-vectors.ts";

export interface LabelLatentsOptions {
  collected: CollectedContexts;
  texts: TokenTexts;
  /** Of every latent; null where the model's unembedding can't be read. */
  promoted: readonly PromotedTokens[] | null;
  /** Null where it can't be read. */
  vectors: WordVectors | null;
}

export interface LabelledLatent {
  label: Label;
  contexts: LatentContexts;
}

/** What a label keeps: labels are shipped, and should be small. */
const WORDS = 8;
const TOKENS = 3;
const TOPICS = 3;
const PROMOTED = 5;
const SUPPRESSED = 2;

/** All latents in their order, one at a time. */
export function* labelLatents({
  collected,
  texts,
  promoted,
  vectors,
}: LabelLatentsOptions): Generator<LabelledLatent> {
  const { contexts, topics, words } = collected;
  for (let index = 0; index < contexts.latents; index++) {
    const top = contexts.top(index).map((place) => textContextOf({ place, texts, topics }));
    const sample = contexts.sample(index).map((place) => textContextOf({ place, texts, topics }));
    const pushed = textsOf(promoted?.[index]?.promoted, texts);
    const named = offlineLabel({ top, sample, promoted: pushed, words, vectors });
    const { density, max, mean } = contexts.counts(index);
    yield {
      label: {
        index,
        label: named.label,
        frequency: density,
        maxActivation: max,
        meanActivation: mean,
        topTokens: [...new Set(top.map(({ tokens, peak }) => tokens[peak] ?? ""))].slice(0, TOKENS),
        topTopics: commonest(top.flatMap(({ topic }) => topic ?? [])).slice(0, TOPICS),
        concreteness: null,
        topWords: named.words.slice(0, WORDS),
        ...(named.coherence !== null && { coherence: named.coherence }),
        about: named.about,
        ...(promoted !== null && {
          promoted: pushed.slice(0, PROMOTED),
          suppressed: textsOf(promoted[index]?.suppressed, texts).slice(0, SUPPRESSED),
        }),
        source: "offline",
      },
      contexts: { index, top, sample },
    };
  }
}

/** Every token whose text `labelLatents` will ask for. */
export function tokensToShow({
  collected: { contexts },
  promoted,
}: Pick<LabelLatentsOptions, "collected" | "promoted">): Set<number> {
  const wanted = new Set<number>();
  const add = (tokens: Iterable<number>) => {
    for (const token of tokens) wanted.add(token);
  };
  for (let latent = 0; latent < contexts.latents; latent++) {
    for (const place of [...contexts.top(latent), ...contexts.sample(latent)]) add(place.tokens);
  }
  for (const tokens of contexts.pool()) add(tokens);
  for (const lists of promoted ?? []) {
    add(lists.promoted);
    add(lists.suppressed);
  }
  return wanted;
}

/** Every word whose vector `labelLatents` will ask for. */
export function peakWords({
  collected: { contexts, topics },
  texts,
}: Pick<LabelLatentsOptions, "collected" | "texts">): Set<string> {
  const found = new Set<string>();
  for (let latent = 0; latent < contexts.latents; latent++) {
    for (const place of [...contexts.top(latent), ...contexts.sample(latent)]) {
      const { kind, text } = peakOf(textContextOf({ place, texts, topics }));
      if (kind === "word") found.add(text);
    }
  }
  return found;
}

function textsOf(tokens: Iterable<number> | undefined, texts: TokenTexts): string[] {
  return Array.from(tokens ?? [], (token) => texts.of(token));
}

/** The most frequent first; of equals the earlier. */
function commonest(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}
