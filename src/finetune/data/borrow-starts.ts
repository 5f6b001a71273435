/** Off-topic starts without steering: the first sentences of the model's answers to other prompts. */
import { derange } from "../../judge/derangement.ts";
import { createRng } from "../../stats/rng.ts";
import type { Start } from "./assemble.ts";
import { AIM, flawOfStart } from "./off-topic-starts.ts";
import type { AnswerCandidate } from "./right-answers.ts";
import { cutAtSentence } from "./sentence-cut.ts";

export interface BorrowStartsOptions {
  candidates: readonly AnswerCandidate[];
  /** Prompts that starts are wanted for. */
  prompts: readonly string[];
  count: number;
  seed: number;
}

const LEAST_TOKENS = 12;

/** At most `count`; the subject of each is the prompt that it truly answers. */
export function borrowStarts({ candidates, prompts, count, seed }: BorrowStartsOptions): Start[] {
  const rng = createRng({ seed, stream: 5 });
  const answered = candidates.filter(({ prompt }) => prompts.includes(prompt));
  if (count === 0 || answered.length === 0) return [];
  const partner = derange({ groups: answered.map(({ prompt }) => prompt), seed });
  return answered
    .flatMap((own, i): Start[] => {
      const other = answered[partner[i] ?? i];
      if (other === undefined) return [];
      const aim = AIM.least + rng.below(AIM.most - AIM.least + 1);
      const cut = cutAtSentence({ ...other.generation, least: LEAST_TOKENS, aim });
      if (cut === null || flawOfStart(cut) !== null) return [];
      return [{ prompt: own.prompt, text: cut.text, subject: other.prompt }];
    })
    .slice(0, count);
}
