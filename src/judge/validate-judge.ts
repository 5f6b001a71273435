/** Can a judge, whichever, tell answers from answers to other questions? (METHOD.md 10.1: the paper's judge was never validated.) */
import { auc } from "../stats/auc.ts";
import { summarizeMean } from "../stats/mean.ts";
import { createRng } from "../stats/rng.ts";
import type { Answer } from "./answer-scores.ts";
import { derange } from "./derangement.ts";
import { isJudgeFailure, type Judge, type JudgeItem, type Judgement, type JudgementStatus } from "./judge.ts";
import { type ScoreDecile, scoreDeciles } from "./validate-likelihood.ts";
import { verifyJudgement } from "./verify-judgement.ts";

export interface ValidateJudgeOptions {
  judge: Judge;
  /** Unsteered answers. */
  answers: readonly Answer[];
  /** Labels for judges that are told one; each answer gets a random one, the same as itself and under the other prompt. @default none */
  labels?: readonly string[];
  seed: number;
  onJudged?: () => void;
  signal?: AbortSignal | undefined;
}

export interface AnswersJudged {
  judged: number;
  byStatus: Partial<Record<JudgementStatus, number>>;
  /** Judge failures: they have no score and enter no number. */
  failures: number;
  /** Answers in which several attempts are seen. */
  multiAttempt: number;
  meanScore: number | null;
}

export interface JudgeValidation {
  judge: string;
  answers: number;
  /** Chance that an answer scores higher under its own prompt than another does under a wrong one; null without scores of both. */
  auc: number | null;
  deciles: ScoreDecile[];
  own: AnswersJudged;
  deranged: AnswersJudged;
}

/** Every answer is judged under its own prompt and under that of another; its score is that of its first scored attempt. */
export async function validateJudge(options: ValidateJudgeOptions): Promise<JudgeValidation> {
  const { judge, answers, labels = [], seed, onJudged, signal } = options;
  const partner = derange({ groups: answers.map(({ prompt }) => prompt), seed });
  const rng = createRng({ seed, stream: 1 });
  const items = answers.flatMap((answer, i) => {
    const label = labels.length === 0 ? undefined : labels[rng.below(labels.length)];
    const other = answers[partner[i] ?? i]?.prompt ?? answer.prompt;
    return [
      itemOf({ id: `${i} own`, answer, prompt: answer.prompt, label }),
      itemOf({ id: `${i} deranged`, answer, prompt: other, label }),
    ];
  });
  const responses = new Map(items.map(({ id, response }) => [id, response]));
  const said: Record<"own" | "deranged", Judgement[]> = { own: [], deranged: [] };
  for await (const { id, judgement } of judge.judge(items, { signal })) {
    const verified = verifyJudgement({ response: responses.get(id) ?? "", judgement });
    said[id.endsWith("own") ? "own" : "deranged"].push(verified);
    onJudged?.();
  }
  const scored = [
    ...scoresOf(said.own).map((score) => ({ positive: true, score })),
    ...scoresOf(said.deranged).map((score) => ({ positive: false, score })),
  ];
  return {
    judge: `${judge.name}/${judge.version}`,
    answers: answers.length,
    auc: auc({ items: scored }),
    deciles: scoreDeciles({ items: scored }),
    own: summaryOf(said.own),
    deranged: summaryOf(said.deranged),
  };
}

interface ItemOptions {
  id: string;
  answer: Answer;
  prompt: string;
  label: string | undefined;
}

function itemOf({ id, answer: { text, tokens, offsets }, prompt, label }: ItemOptions): JudgeItem {
  return {
    id,
    prompt,
    response: text,
    responseTokens: tokens,
    offsets,
    ...(label === undefined ? {} : { latentLabel: label }),
  };
}

const attemptScores = ({ attempts }: Judgement): number[] =>
  attempts.flatMap(({ score }) => (score === null ? [] : [score]));

function scoresOf(judgements: readonly Judgement[]): number[] {
  return judgements.flatMap((judgement) => attemptScores(judgement).slice(0, 1));
}

function summaryOf(judgements: readonly Judgement[]): AnswersJudged {
  const byStatus: AnswersJudged["byStatus"] = {};
  for (const { status } of judgements) byStatus[status] = (byStatus[status] ?? 0) + 1;
  return {
    judged: judgements.length,
    byStatus,
    failures: judgements.filter(isJudgeFailure).length,
    multiAttempt: judgements.filter((judgement) => attemptScores(judgement).length >= 2).length,
    meanScore: summarizeMean(scoresOf(judgements)).mean,
  };
}
