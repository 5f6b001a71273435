/** The judge interface: what turns a response into attempts and scores (METHOD.md 6.1), and says so when it could not. */

/** One try at answering: the half-open span `[start, end)` of the response, in UTF-16 units. */
export interface Attempt {
  start: number;
  end: number;
  /** The restart wording with which the attempt begins, exactly as it stands at `start`; null where there is none. */
  restartPhrase: string | null;
  /** 0 (off topic) to 100; null where the attempt can't be scored, for example because it is too short. */
  score: number | null;
  /** What the score was made of, by name. */
  components: Record<string, number>;
}

/**
 * - `scored`: at least one attempt has a score.
 * - `no-attempt`: judged, and nothing to score: a clarifying question, a refusal to answer, an empty response, only fragments.
 * - `empty`, `refused`, `unparsable`: the judge itself answered nothing, refused to judge, or answered something else.
 * - `failed`: the judge could not be run on this response.
 *
 * Only the first two are judgements; the other four are judge failures, which are counted and never scored.
 */
export type JudgementStatus = "scored" | "no-attempt" | "empty" | "refused" | "unparsable" | "failed";

export interface Judgement {
  /** Name and version of the judge, `name/version`. */
  judge: string;
  status: JudgementStatus;
  /** In the order of the text, without overlap. Empty for a judge failure. */
  attempts: Attempt[];
  /** What else the judge found, for the store and the viewer. */
  detail: Record<string, string | number | number[]>;
}

export interface JudgeItem {
  /** The caller's name for the response; unique within a call. */
  id: string;
  /** The user's text, without meta-prompt or template. */
  prompt: string;
  /** The tokens that the response continued. */
  promptTokens?: Int32Array;
  response: string;
  responseTokens: Int32Array;
  /** UTF-16 offset in `response` at which each token begins, `[responseTokens]`. */
  offsets: Int32Array;
  /** Label of the steered latent, for judges that are told what the response was pushed towards. */
  latentLabel?: string;
}

export interface JudgeOptions {
  signal?: AbortSignal | undefined;
  /** Number of the judgement of the same response; judges with randomness or a cache judge each number anew. @default 0 */
  repeat?: number;
}

export interface JudgedItem {
  id: string;
  judgement: Judgement;
}

export interface Judge {
  readonly name: string;
  readonly version: string;
  /** What determines the judge's scores; part of the manifest. */
  describe(): Record<string, string | number>;
  /** One judgement for each item, in the order in which they finish. */
  judge(items: readonly JudgeItem[], options?: JudgeOptions): AsyncIterable<JudgedItem>;
}

const FAILURES: ReadonlySet<JudgementStatus> = new Set(["empty", "refused", "unparsable", "failed"]);

/** True where the judge gave no judgement; such trials leave every denominator and are counted apart (METHOD.md 1.2). */
export function isJudgeFailure({ status }: Pick<Judgement, "status">): boolean {
  return FAILURES.has(status);
}

/** Value of `detail.cause` where a judge that is asked over a network gave no answer. */
export const OUTAGE = "outage";

/** True where the judge could not be reached: the same response may well be judged later. */
export function isOutage({ detail }: { detail: Record<string, unknown> }): boolean {
  return detail.cause === OUTAGE;
}
