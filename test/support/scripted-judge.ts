/** What a language model that judges by a rule would reply. */
import type { Answer } from "./llm-server.ts";
import { RESTART } from "./responses-run.ts";

/** Attempts at the restart wording, each scored by its length. */
export const scriptedJudge: Answer = ({ prompt }) => {
  const response = /<answer>\n([\s\S]*)\n<\/answer>$/.exec(prompt)?.[1] ?? "";
  const at = response.indexOf(RESTART);
  const parts = at < 0 ? [response] : [response.slice(0, at), response.slice(at)];
  const attempts = parts.map((part, i) => ({
    first_words: part.trim().split(/\s+/).slice(0, 8).join(" "),
    restart_phrase: i === 0 ? null : RESTART,
    feedback: "so",
    score: (7 * part.length) % 101,
  }));
  return JSON.stringify({ assessment: "so", attempts });
};
