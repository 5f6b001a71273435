/** Forms of one English word, told by their endings: good enough to count "achieve", "achieved" and "achieving" as one. */

const VOWEL = /[aeiouy]/;

/** A key that the forms of a word share; no word itself. Lower case. */
export function inflectionKey(word: string): string {
  const lower = word
    .toLowerCase()
    .replace(/['’]s?$/, "")
    .replaceAll("’", "'");
  if (!/^[a-z]+$/.test(lower) || lower.length < 4) return lower;
  return withoutEnding(lower);
}

function withoutEnding(word: string): string {
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}i`;
  for (const ending of ["ing", "ed", "es", "s"]) {
    if (!word.endsWith(ending)) continue;
    const stem = word.slice(0, -ending.length);
    if (stem.length >= 3 && VOWEL.test(stem)) return normalised(stem);
  }
  return normalised(word);
}

/** "achiev(e)", "run(n)", "stud(y)": what changes before an ending. */
function normalised(stem: string): string {
  if (stem.length > 3 && stem.endsWith("e")) return stem.slice(0, -1);
  if (/([bdfgmnprt])\1$/.test(stem)) return stem.slice(0, -1);
  if (stem.length > 3 && stem.endsWith("y")) return `${stem.slice(0, -1)}i`;
  return stem;
}
