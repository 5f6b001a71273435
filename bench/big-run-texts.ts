/** Responses that look like a small model's: a chain of words over stored answers of one, cut into pieces as a tokenizer would. Seeded. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Rng } from "../src/stats/rng.ts";

const FOLDER = fileURLToPath(new URL("../test/data/splitter/", import.meta.url));
const answersSchema = z.object({ steered: z.array(z.string()), unsteered: z.array(z.string()) });
const restartsSchema = z.record(z.string(), z.array(z.string()).min(1));

/** Of the default model: 4.3 characters a token. */
const LONGEST_PIECE = 6;
const VOCABULARY = 49_152;

export interface MadeText {
  text: string;
  tokens: Int32Array;
  /** UTF-16 offset at which each token begins. */
  offsets: Int32Array;
  /** Starts of the attempts and the wording that begins each; the first has none. */
  attempts: { start: number; end: number; restartPhrase: string | null }[];
}

export class TextMaker {
  readonly #next = new Map<string, string[]>();
  readonly #starts: string[] = [];
  readonly #restarts: string[];

  constructor() {
    const { steered, unsteered } = answersSchema.parse(readJson("answers.json"));
    this.#restarts = Object.values(restartsSchema.parse(readJson("restarts.json"))).flat();
    for (const answer of [...steered, ...unsteered]) {
      const words = answer.split(/(?<=\s)(?=\S)/u);
      this.#starts.push(words[0] ?? "");
      for (const [i, word] of words.slice(0, -1).entries()) {
        const following = this.#next.get(word) ?? [];
        this.#next.set(word, following);
        following.push(words[i + 1] ?? "");
      }
    }
  }

  /** About as many tokens as asked for, in that many attempts. */
  make({ rng, tokens, attempts }: { rng: Rng; tokens: number; attempts: number }): MadeText {
    const parts = Array.from({ length: attempts }, (_, i) => {
      const restartPhrase = i === 0 ? null : pick(this.#restarts, rng);
      return { restartPhrase, text: this.#words({ rng, tokens: tokens / attempts, begin: restartPhrase }) };
    });
    let text = "";
    const spans = parts.map(({ restartPhrase, text: own }, i) => {
      const start = text.length;
      text += own;
      const end = text.length;
      if (i < parts.length - 1) text += "\n\n";
      return { start, end, restartPhrase };
    });
    const pieces = text.match(new RegExp(`\\s?\\S{1,${LONGEST_PIECE - 1}}|\\s`, "gu")) ?? [];
    const offsets = new Int32Array(pieces.length);
    let at = 0;
    for (const [i, piece] of pieces.entries()) {
      offsets[i] = at;
      at += piece.length;
    }
    return { text, tokens: Int32Array.from(pieces, idOf), offsets, attempts: spans };
  }

  #words({ rng, tokens, begin }: { rng: Rng; tokens: number; begin: string | null }): string {
    let text = begin === null ? "" : `${begin} `;
    let word = pick(this.#starts, rng);
    for (const length = 4.3 * tokens; text.length < length; ) {
      text += word;
      const following = this.#next.get(word);
      word = following === undefined ? pick(this.#starts, rng) : pick(following, rng);
    }
    return text.trimEnd();
  }
}

/** Half of the tokens of a text have ids below 3,000: so do these. */
function idOf(piece: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < piece.length; i++) hash = Math.imul(hash ^ piece.charCodeAt(i), 0x01000193);
  return Math.floor(VOCABULARY * ((hash >>> 0) / 2 ** 32) ** 4);
}

export function pick<T>(items: readonly T[], rng: Rng): T {
  const item = items[rng.below(items.length)];
  if (item === undefined) throw new RangeError("there is nothing to pick from");
  return item;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8"));
}
