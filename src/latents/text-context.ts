/** Places where a latent fires, as text. */
import type { LatentPlace } from "./context-collector.ts";
import type { TokenTexts } from "./token-texts.ts";

export interface TextContext {
  /** Texts of the tokens, with their leading spaces; control tokens by their names, for example `<|im_end|>`. */
  tokens: string[];
  /** The latent's value at each token. */
  activations: number[];
  /** Index of the place itself, and the value there. */
  peak: number;
  value: number;
  /** Number of the peak in the sequence that the model read. */
  position: number;
  /** Topic of the document, where it has one. */
  topic: string | null;
}

export function textContextOf({
  place,
  texts,
  topics,
}: {
  place: LatentPlace;
  texts: TokenTexts;
  topics: readonly (string | null)[];
}): TextContext {
  return {
    tokens: Array.from(place.tokens, (token) => texts.of(token)),
    activations: Array.from(place.activations),
    peak: place.peak,
    value: place.value,
    position: place.position,
    topic: topics[place.document] ?? null,
  };
}

/** Whether a token's text is the name of a control token (or a control token without one). */
export function isControlText(text: string): boolean {
  return text === "" || /^<\|?[^<>\s]+\|?>$/.test(text);
}
