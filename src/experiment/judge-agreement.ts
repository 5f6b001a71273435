/** How far the judges of a stored run agree, each with each and all together, and where they don't (METHOD.md 6). */

import { CountersteerError } from "../errors.ts";
import {
  type Agreement,
  agreementOf,
  type Disagreement,
  disagreements,
  type Measure,
} from "../judge/agreement.ts";
import { alphaOfAll } from "../judge/alpha-of-all.ts";
import { type PairedTable, pairedTable } from "../stats/mcnemar.ts";
import { chooseJudges } from "../store/judge-choice.ts";
import type { AttemptRecord, JudgementRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { type JudgedCounts, type RatedRun, ratedResponses } from "./rated-responses.ts";

export interface RunAgreementOptions {
  store: RunStore;
  /** @default all that have judged */
  judges?: readonly string[] | null;
  /** @default all */
  arm?: string | null;
  /** Success is last > first + margin. @default 0 */
  margin?: number;
  /** Disagreements that each pair shows. @default 10 */
  list?: number;
  /** @default 1000 */
  replicates?: number;
}

export interface ShownAttempt extends Pick<AttemptRecord, "start" | "end" | "score" | "restartPhrase"> {
  text: string;
}

export interface ShownDisagreement extends Pick<Disagreement, "key" | "about"> {
  arm: string;
  latent: number | null;
  prompt: string;
  /** The attempts that each of the two sees. */
  first: ShownAttempt[];
  second: ShownAttempt[];
}

export interface PairAgreement extends Agreement {
  /** Of the responses that both judged: who sees at least two attempts. */
  multiAttemptTable: PairedTable;
  disagreements: { count: number; worst: ShownDisagreement[] };
}

export interface RunAgreement {
  dir: string;
  arm: string | null;
  margin: number;
  /** Responses in the run or arm. */
  responses: number;
  judges: JudgedCounts[];
  pairs: PairAgreement[];
  /** null with fewer than three judges. */
  alphaOfAll: Measure | null;
}

/** Throws REQUEST_INVALID where fewer than two judges are to be compared, or no response is judged by two of them. */
export function judgeAgreement(options: RunAgreementOptions): RunAgreement {
  const { store, arm = null, margin = 0, list = 10, replicates = 1000 } = options;
  const judges = chooseJudges({ store, names: options.judges ?? null });
  if (judges.length < 2) {
    throw nothingToCompare({ store, why: `It has the judgements of ${judges[0]?.name ?? "no judge"} only.` });
  }
  const { responses, counts, judgements } = ratedResponses({ store, judges, arm });
  const pairs = judges.flatMap((first, i) =>
    judges.slice(i + 1).map((second): PairAgreement => {
      const pair = { responses, first: first.name, second: second.name };
      const found = disagreements(pair);
      return {
        ...agreementOf({ ...pair, margin, replicates }),
        multiAttemptTable: multiAttempt(pair),
        disagreements: {
          count: found.length,
          worst: found.slice(0, list).map((each) => shown({ store, judgements, each, pair })),
        },
      };
    }),
  );
  if (pairs.every(({ both }) => both === 0)) {
    throw nothingToCompare({ store, why: "No response was judged by two of them." });
  }
  const names = judges.map(({ name }) => name);
  return {
    dir: store.dir,
    arm,
    margin,
    responses: responses.length,
    judges: counts,
    pairs,
    alphaOfAll: judges.length < 3 ? null : alphaOfAll({ responses, judges: names, replicates }),
  };
}

function multiAttempt({ responses, first, second }: Parameters<typeof disagreements>[0]): PairedTable {
  const pairs = responses.flatMap(({ opinions }) => {
    const [a, b] = [opinions.get(first) ?? null, opinions.get(second) ?? null];
    return a === null || b === null ? [] : [{ first: a.scores.length >= 2, second: b.scores.length >= 2 }];
  });
  return pairedTable({ pairs });
}

interface ShownOptions {
  store: RunStore;
  judgements: RatedRun["judgements"];
  each: Disagreement;
  pair: { first: string; second: string };
}

function shown({ store, judgements, each: { key, about }, pair }: ShownOptions): ShownDisagreement {
  const { text = "", arm = "", latent = null, prompt = "" } = store.trial(key) ?? {};
  const attemptsOf = (judgement: JudgementRecord | undefined) =>
    (judgement?.attempts ?? []).map(
      ({ start, end, score, restartPhrase }): ShownAttempt => ({
        start,
        end,
        score,
        restartPhrase,
        text: text.slice(start, end),
      }),
    );
  const first = attemptsOf(judgements.get(pair.first)?.get(key));
  const second = attemptsOf(judgements.get(pair.second)?.get(key));
  return { key, about, arm, latent, prompt, first, second };
}

function nothingToCompare({ store, why }: { store: RunStore; why: string }): CountersteerError {
  return new CountersteerError("REQUEST_INVALID", {
    what: `The judges of the run in ${store.dir} can't be compared.`,
    why,
    todo: "Let another judge judge it with `countersteer judge rejudge`, or import the labels of a person.",
    facts: { dir: store.dir, judges: store.judges() },
  });
}
