/** The shipped extract of WordNet, and the way from a written word to its lemma. */
import { readFileSync } from "node:fs";
import { assetPath } from "../sae/asset-path.ts";

export interface LexiconEntry {
  /** Share of the noun's use, 0-100, that means a physical thing (or a named place). */
  physical: number;
  /** Share of the word's use, 0-100, that is a noun. */
  noun: number;
  /** How common the word is: its uses in WordNet's tagged corpus, plus its senses. */
  uses: number;
}

export type Lexicon = ReadonlyMap<string, LexiconEntry>;

const LINE = /^([a-z][a-z'-]*)\t(\d{1,3})\t(\d{1,3})\t(\d+)$/;

const IRREGULAR: Readonly<Record<string, string>> = {
  children: "child",
  feet: "foot",
  geese: "goose",
  halves: "half",
  hooves: "hoof",
  leaves: "leaf",
  lice: "louse",
  loaves: "loaf",
  men: "man",
  mice: "mouse",
  oxen: "ox",
  people: "person",
  scarves: "scarf",
  shelves: "shelf",
  teeth: "tooth",
  thieves: "thief",
  wolves: "wolf",
  women: "woman",
};

/** Endings of plurals, and what they stand for. */
const PLURALS: readonly [RegExp, string][] = [
  [/ies$/, "y"],
  [/ves$/, "fe"],
  [/men$/, "man"],
  [/(?<=s|x|z|ch|sh|o)es$/, ""],
  [/(?<![su])s$/, ""],
];

/** @param text lines of `lemma TAB physical TAB noun TAB uses` after one header line. A malformed line throws, for the file is our own. */
export function parseLexicon({ text }: { text: string }): Lexicon {
  const [, ...lines] = text.trimEnd().split("\n");
  return new Map(
    lines.map((line, at): [string, LexiconEntry] => {
      const [, lemma, physical, noun, uses] = LINE.exec(line) ?? [];
      if (lemma === undefined) throw new Error(`line ${at + 2} of the lexicon is malformed: "${line}"`);
      return [lemma, { physical: Number(physical), noun: Number(noun), uses: Number(uses) }];
    }),
  );
}

export function readLexicon({
  path = assetPath("wordnet/noun-concreteness.tsv"),
}: {
  path?: string;
} = {}): Lexicon {
  return parseLexicon({ text: readFileSync(path, "utf8") });
}

/** The entry of a lower-case word or of its possible singulars, whichever is most common; undefined if none is a noun. */
export function lookUp({ lexicon, word }: { lexicon: Lexicon; word: string }): LexiconEntry | undefined {
  const irregular = Object.hasOwn(IRREGULAR, word) ? IRREGULAR[word] : undefined;
  if (irregular !== undefined) return lexicon.get(irregular);
  let best = lexicon.get(word);
  for (const [ending, replacement] of PLURALS) {
    const singular = ending.test(word) ? lexicon.get(word.replace(ending, replacement)) : undefined;
    if (singular !== undefined && (best === undefined || singular.uses > best.uses)) best = singular;
  }
  return best;
}
