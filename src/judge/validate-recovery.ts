/** How often an implicit recovery is found where there is none, and where there is one. */
import type { Answer, AnswerScores, ContrastedScores } from "./answer-scores.ts";
import type { Calibration } from "./calibration.ts";
import { findRecovery } from "./find-recovery.ts";
import { topicalityCurve } from "./topicality.ts";

/** Tokens of the other answer before the right one. */
const OFF_TOPIC_TOKENS = [20, 40, 80] as const;
/** A found return is in place within so many tokens. */
const NEAR = 8;

export interface AlarmTally {
  /** Long enough to be tested. */
  answers: number;
  alarms: number;
  /** The ten highest statistics, fluent or not: what another threshold would let through. */
  highest: number[];
}

export interface RecoveryValidation {
  threshold: number | null;
  /** Answers to the prompt from beginning to end. */
  unsteered: AlarmTally;
  /** The same answers under another prompt: off topic to the end. */
  deranged: AlarmTally;
  /** Steered until they broke: off topic to the end, mostly. */
  broken: AlarmTally;
  /** Built cases: the first tokens of an answer to another prompt, then an answer to the prompt, without restart wording. */
  spliced: { offTopicTokens: number; answers: number; found: number; inPlace: number }[];
}

export interface SplicedAnswer {
  prompt: string;
  tokens: Int32Array;
  offTopicTokens: number;
}

/** Each answer once for each length, behind the beginning of the next answer to another prompt that is long enough. */
export function spliceAnswers(answers: readonly Answer[]): SplicedAnswer[] {
  return OFF_TOPIC_TOKENS.flatMap((offTopicTokens) =>
    answers.flatMap(({ prompt, tokens }, i) => {
      const others = [...answers.slice(i + 1), ...answers.slice(0, i)];
      const other = others.find((each) => each.prompt !== prompt && each.tokens.length >= offTopicTokens);
      if (other === undefined) return [];
      const spliced = Int32Array.of(...other.tokens.subarray(0, offTopicTokens), ...tokens);
      return [{ prompt, tokens: spliced, offTopicTokens }];
    }),
  );
}

export interface ValidateRecoveryOptions {
  scores: readonly AnswerScores[];
  broken: readonly ContrastedScores[];
  spliced: readonly (ContrastedScores & { offTopicTokens: number })[];
  /** The calibration's number of contrasts. */
  size: number;
  calibration: Calibration;
}

export function validateRecovery({
  scores,
  broken,
  spliced,
  size,
  calibration,
}: ValidateRecoveryOptions): RecoveryValidation {
  const test = ({ tokens, own, contrasts }: ContrastedScores) => {
    const curve = topicalityCurve({ own, contrasts: contrasts.slice(0, size) });
    return findRecovery({ curve, logProbs: own, tokens, calibration });
  };
  const alarms = (rows: readonly ContrastedScores[]): AlarmTally => {
    const tested = rows.map(test).filter((each) => each !== null);
    const highest = tested
      .map(({ statistic }) => statistic)
      .sort((a, b) => b - a)
      .slice(0, 10);
    return { answers: tested.length, alarms: tested.filter(({ isFound }) => isFound).length, highest };
  };
  const as = (which: "own" | "deranged") =>
    scores.map((each) => ({ tokens: each.answer.tokens, own: each[which], contrasts: each.contrasts }));
  return {
    threshold: calibration.recovery.threshold,
    unsteered: alarms(as("own")),
    deranged: alarms(as("deranged")),
    broken: alarms(broken),
    spliced: OFF_TOPIC_TOKENS.map((offTopicTokens) => {
      const tested = spliced
        .filter((each) => each.offTopicTokens === offTopicTokens)
        .map(test)
        .filter((each) => each !== null);
      const found = tested.filter(({ isFound }) => isFound);
      const inPlace = found.filter(({ token }) => Math.abs(token - offTopicTokens) <= NEAR);
      return { offTopicTokens, answers: tested.length, found: found.length, inPlace: inPlace.length };
    }),
  };
}
