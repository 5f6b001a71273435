/**
 * A judge of your own: how many of the question's words does an attempt use? It is crude, and shows what a judge is: attempts with
 * offsets into the response, a score for each, and a status where there is none.
 * `npx node docs/examples/own-judge.ts RUN` judges a stored run by it.
 */
import { type Judge, judgeStored, openRun, splitRestarts } from "../../src/index.ts";

const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}{4,}/gu) ?? [];

export const sharedWords: Judge = {
  name: "shared-words",
  // another number wherever a response would get another score
  version: "1",
  describe: () => ({ leastLetters: 4 }),
  async *judge(items) {
    for (const { id, prompt, response } of items) {
      const asked = new Set(wordsOf(prompt));
      const attempts = splitRestarts(response).attempts.map(({ start, end, restartPhrase }) => {
        const used = new Set(wordsOf(response.slice(start, end)).filter((word) => asked.has(word)));
        const share = asked.size === 0 ? 0 : used.size / asked.size;
        return { start, end, restartPhrase, score: 100 * share, components: { words: used.size } };
      });
      const status = attempts.length === 0 ? "no-attempt" : "scored";
      yield { id, judgement: { judge: "shared-words/1", status, attempts, detail: {} } };
    }
  },
};

if (import.meta.main) {
  const [dir = ""] = process.argv.slice(2);
  using store = openRun({ dir, mode: "write" });
  console.log(await judgeStored({ store, judge: sharedWords }));
}
