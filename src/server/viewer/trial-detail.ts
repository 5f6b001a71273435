/** One trial whole, with what stands beside it: every judge's view, the same unit in other arms, and what was recorded of its tokens. */
import { answerRows } from "../../report/activations/answer-rows.ts";
import type { JudgementRecord, TrialRecord } from "../../store/records.ts";
import { runMargin } from "../../store/run-margin.ts";
import type { RunStore } from "../../store/run-store.ts";
import { outcomeOf } from "../../store/trial-outcome.ts";
import type { TrialActivations, TrialDetail } from "./api/trials.ts";
import { notFound } from "./problem.ts";

export interface TrialDetailOptions {
  store: RunStore;
  key: string;
  /** `name/version` of the judge whose judgements give outcomes. */
  judge: string;
  /** Of latents that the run itself has no label of. */
  labelOf: (latent: number) => string | null;
}

/** Without its neighbours in a table. Throws NOT_FOUND. */
export function trialDetail(options: TrialDetailOptions): Omit<TrialDetail, "previous" | "next"> {
  const { store, key, judge } = options;
  const trial = trialOf({ store, key });
  const labels = new Map(store.latents().map(({ latent, label }) => [latent, label]));
  const labelOf = (latent: number) => labels.get(latent) ?? options.labelOf(latent);
  const margin = runMargin(store.manifest());
  const judged = (each: TrialRecord) =>
    outcomeOf({ trial: each, judgement: store.judgement({ trialKey: each.key, judge }), margin });
  const { tokens: _, offsets, latent, ...rest } = trial;
  return {
    trial: { ...rest, latent, label: latent === null ? null : labelOf(latent), offsets: [...offsets] },
    outcome: judged(trial),
    made: {
      content: store.arms().find(({ name }) => name === trial.arm)?.content ?? {},
      sampling: store.manifest().sampling,
    },
    judgements: inOrder({ judgements: [...store.judgements({ trialKey: key })], first: judge }),
    paired: store
      .arms()
      .filter(({ name }) => name !== trial.arm)
      .flatMap(({ name }) =>
        Array.from(store.trials({ arm: name, unit: trial.unit }), (other) => ({
          arm: name,
          key: other.key,
          outcome: judged(other),
        })),
      ),
    activations: store.recordings(key).map(({ name, columns }) => ({
      name,
      latents: columns.map((each) => ({ latent: each, label: labelOf(each) })),
    })),
  };
}

/** One recorded latent over the tokens of the response. Throws NOT_FOUND. */
export function trialActivations({
  store,
  key,
  name,
  latent,
}: {
  store: RunStore;
  key: string;
  name: string;
  latent: number;
}): TrialActivations {
  const trial = trialOf({ store, key });
  const recording = store.activations({ trialKey: key, name });
  if (recording === null || !recording.columns.includes(latent)) {
    throw notFound({
      what: `Latent ${latent} was not recorded under "${name}" in this trial.`,
      todo: "Choose one of those that the trial's page lists.",
    });
  }
  const rows = answerRows({ trial, recording });
  const values = Array.from({ length: rows.tokens }, (_, token) => rows.value({ token, latent }));
  return { name, latent, values, max: values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0) };
}

function trialOf({ store, key }: { store: RunStore; key: string }): TrialRecord {
  const trial = store.trial(key);
  if (trial === null) {
    throw notFound({ what: "There is no such trial in this run.", todo: "Go back to the table of trials." });
  }
  return trial;
}

/** One judge's stand together, its latest first. */
function inOrder({
  judgements,
  first,
}: {
  judgements: readonly JudgementRecord[];
  first: string;
}): JudgementRecord[] {
  const byJudge = Map.groupBy(judgements, ({ judge }) => judge);
  const own = byJudge.get(first) ?? [];
  byJudge.delete(first);
  return [own, ...byJudge.values()].flatMap((each) => each.toSorted((a, b) => b.repeat - a.repeat));
}
