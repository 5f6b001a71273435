/** How often words occur in a corpus: the background against which a latent's words stand out. */
import { inflectionKey } from "./inflection.ts";

const WORD = /\p{L}+(?:['’]\p{L}+)?/gu;

export class WordCounts {
  readonly #counts = new Map<string, number>();
  #total = 0;

  add(text: string): void {
    for (const [word] of text.matchAll(WORD)) {
      const key = inflectionKey(word);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      this.#total += 1;
    }
  }

  /** Share of all words that are a form of this one, above 0 also for a word never seen. */
  share(key: string): number {
    return ((this.#counts.get(key) ?? 0) + 0.5) / (this.#total + 1);
  }
}
