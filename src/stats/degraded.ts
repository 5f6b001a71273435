/**
 * Degraded output: one word looping (METHOD.md 1.5). It finds loops of single words only; a loop of phrases or lines is not found,
 * so that counts stay comparable with the paper's.
 */

/** Words in a row that make a loop; also the least number of words a text must have. */
const LOOP = 5;

/** The longest run of equal neighbouring words, words of one character left out. */
export function longestWordRun(text: string): number {
  let longest = 0;
  let run = 0;
  let previous: string | null = null;
  for (const word of text.split(/\s+/u).filter((part) => part !== "")) {
    // code points, not UTF-16 units: a lone emoji is one character
    if ([...word].length <= 1) {
      run = 0;
      previous = null;
      continue;
    }
    run = word === previous ? run + 1 : 1;
    previous = word;
    longest = Math.max(longest, run);
  }
  return longest;
}

export function isDegraded(text: string): boolean {
  return longestWordRun(text) >= LOOP;
}
