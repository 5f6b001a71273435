/** How alike words are to the model itself: by their rows of the unembedding. */
import type { Unembedding } from "../engine/llama/unembedding.ts";

export interface WordVectors {
  /** Cosine of two words, less what all words have in common; null where the vocabulary lacks one of them as a token of its own. */
  similarity(a: string, b: string): number | null;
}

/** How vocabularies spell the space before a word. */
const SPACES = ["Ġ", "▁"];

/** Reads the rows of those words that are one token. Throws MODEL_UNREADABLE. */
export async function readWordVectors({
  unembedding,
  words,
}: {
  unembedding: Unembedding;
  words: Iterable<string>;
}): Promise<WordVectors> {
  const numbers = new Map(unembedding.tokens.map((text, token) => [text, token]));
  const vectors = new Map<string, Float32Array>();
  for (const word of new Set(Array.from(words, (each) => each.toLowerCase()))) {
    const token = SPACES.map((space) => numbers.get(space + word)).find((each) => each !== undefined);
    if (token !== undefined) vectors.set(word, await unembedding.rows({ start: token, count: 1 }));
  }
  centre([...vectors.values()]);
  return {
    similarity: (a, b) => {
      const [first, second] = [vectors.get(a.toLowerCase()), vectors.get(b.toLowerCase())];
      return first === undefined || second === undefined ? null : dot(first, second);
    },
  };
}

/** Takes the mean away and makes every vector one long, in place. */
function centre(vectors: readonly Float32Array[]): void {
  const width = vectors[0]?.length ?? 0;
  const mean = new Float64Array(width);
  for (const vector of vectors) {
    for (let i = 0; i < width; i++) mean[i] = (mean[i] ?? 0) + (vector[i] ?? 0) / vectors.length;
  }
  for (const vector of vectors) {
    for (let i = 0; i < width; i++) vector[i] = (vector[i] ?? 0) - (mean[i] ?? 0);
    const length = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < width; i++) vector[i] = length === 0 ? 0 : (vector[i] ?? 0) / length;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
