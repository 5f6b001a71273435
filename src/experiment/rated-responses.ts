/** A run's responses with what each judge said of them, as agreement is measured on. */
import type { Opinion, RatedResponse } from "../judge/agreement.ts";
import { type JudgeChoice, judgementsOf } from "../store/judge-choice.ts";
import type { JudgementRecord, JudgementStatus } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";

export interface JudgedCounts {
  judge: string;
  /** Of the run's responses; together with `unjudged` all of them. */
  byStatus: Record<JudgementStatus, number>;
  unjudged: number;
}

export interface RatedRun {
  /** In an order that does not depend on which trial finished first. */
  responses: RatedResponse[];
  counts: JudgedCounts[];
  /** What each judge said, by its name and the trial's key. */
  judgements: Map<string, Map<string, JudgementRecord>>;
}

export interface RatedOptions {
  store: RunStore;
  judges: readonly JudgeChoice[];
  /** null takes all arms. @default null */
  arm?: string | null;
}

export function ratedResponses({ store, judges, arm = null }: RatedOptions): RatedRun {
  const said = judges.map((choice) => ({ name: choice.name, by: judgementsOf({ store, choice }) }));
  const responses: RatedResponse[] = [];
  for (const { key, latent, promptIndex, error } of store.trials(arm === null ? {} : { arm })) {
    if (error !== null) continue;
    const opinions = said.map(({ name, by }) => [name, opinionOf(by.get(key))] as const);
    // what trials without a latent share is the prompt
    responses.push({ key, latent: latent ?? `prompt ${promptIndex}`, opinions: new Map(opinions) });
  }
  responses.sort((a, b) => (a.key < b.key ? -1 : 1));
  const counts = said.map(({ name, by }) => {
    const byStatus = { scored: 0, "no-attempt": 0, empty: 0, refused: 0, unparsable: 0, failed: 0 };
    let unjudged = 0;
    for (const { key } of responses) {
      const status = by.get(key)?.status;
      if (status === undefined) unjudged++;
      else byStatus[status]++;
    }
    return { judge: name, byStatus, unjudged };
  });
  return { responses, counts, judgements: new Map(said.map(({ name, by }) => [name, by])) };
}

/** null for a judge failure, and for a response that the judge has not seen. */
function opinionOf(record: JudgementRecord | undefined): Opinion | null {
  if (record === undefined || (record.status !== "scored" && record.status !== "no-attempt")) return null;
  const scored = record.attempts.flatMap(({ start, score }) => (score === null ? [] : [{ start, score }]));
  return { scores: scored.map(({ score }) => score), starts: scored.map(({ start }) => start) };
}
