/** Mends misspelt key words of restart wording ("wiat", "srry", "mistke"), and remembers where each character came from. */

const KEYS = [
  ...[
    "start",
    "again",
    "sorry",
    "wrong",
    "topic",
    "question",
    "answer",
    "correct",
    "scratch",
    "ignore",
    "mistake",
  ],
  ...[
    "apologize",
    "apologise",
    "apologies",
    "confusion",
    "distracted",
    "sidetracked",
    "rephrase",
    "restart",
    "actually",
  ],
  ...[
    "rewrite",
    "response",
    "forget",
    "disregard",
    "realize",
    "misread",
    "misunderstood",
    "original",
    "nonsense",
  ],
];
/** Short words, of which only swapped letters are recognised. */
const SHORT_KEYS = ["wait", "that", "this"];
/** Words in their own right. */
const REAL = new Set(["star", "stat", "forge", "misled"]);

/** Misspellings with two neighbouring letters swapped, one letter left out, or one doubled; the first letter stays. */
function misspellings(): Map<string, string> {
  const found = new Map<string, string>();
  const known = new Set([...KEYS, ...SHORT_KEYS]);
  for (const word of known) {
    for (let i = 1; i < word.length; i++) {
      const [before, letter, after] = [word.slice(0, i), word.charAt(i), word.slice(i + 1)];
      const swapped = before + after.charAt(0) + letter + after.slice(1);
      const variants =
        word.length < 5 ? [swapped] : [swapped, before + after, before + letter + letter + after];
      for (const each of variants) if (!known.has(each) && !REAL.has(each)) found.set(each, word);
    }
  }
  return found;
}

const MISSPELT = misspellings();

export interface MendedText {
  text: string;
  /** Offset in the given text of each character, and of the end: `[text.length + 1]`. */
  origins: Int32Array;
}

/** Capitals and everything else stay as they are. Offsets are UTF-16 units. */
export function mendTypos(text: string): MendedText {
  const origins: number[] = [];
  let mended = "";
  let done = 0;
  const keep = (until: number) => {
    for (; done < until; done++) {
      origins.push(done);
      mended += text.charAt(done);
    }
  };
  for (const match of text.matchAll(/[A-Za-z]{4,}/g)) {
    const word = MISSPELT.get(match[0].toLowerCase());
    if (word === undefined) continue;
    keep(match.index);
    const capital = /^[A-Z]/.test(match[0]);
    for (let i = 0; i < word.length; i++) origins.push(match.index + Math.min(i, match[0].length - 1));
    mended += capital ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    done = match.index + match[0].length;
  }
  keep(text.length);
  origins.push(text.length);
  return { text: mended, origins: Int32Array.from(origins) };
}
