/** What the page of one run shows of the trials that a filter lets through: the report's tables and figures, and what can be filtered by. */
import { armScores } from "../../report/figures/arm-scores.ts";
import { allFigures, runFigures } from "../../report/figures/run-figures.ts";
import { storedFacts } from "../../report/outcomes.ts";
import { runReport } from "../../report/run-report.ts";
import { chooseJudges } from "../../store/judge-choice.ts";
import { trialChoices } from "../../store/run-progress.ts";
import type { RunStore } from "../../store/run-store.ts";
import { matchingKeys } from "../../store/trial-query.ts";
import type { ViewFilter } from "./api/common.ts";
import type { RunChoices, RunPage } from "./api/runs.ts";

export interface RunPageOptions {
  store: RunStore;
  filter: ViewFilter;
}

/** All of the page but the run's row, which changes while the rest does not. Throws REQUEST_INVALID for a judge that the run has not. */
export function runPage({ store, filter }: RunPageOptions): Omit<RunPage, "row"> {
  const judge = judgeOf({ store, filter });
  const { choices, total } = runChoices({ store });
  const keys = isOpen(filter) ? null : matchingKeys({ store, filter: { ...filter, judge } });
  const shown = keys === null ? store : store.only(keys);
  const report = runReport({ store: shown, judge });
  return {
    report,
    figures: figuresOf({ store: shown, report }),
    choices,
    shown: keys === null ? total : keys.size,
    total,
  };
}

/** The judge whose judgements count, by its whole name. Throws REQUEST_INVALID for one that has judged nothing. */
export function judgeOf({ store, filter }: RunPageOptions): string {
  const own = store.manifest().judge.id;
  if (filter.judge === undefined || filter.judge === own) return own;
  const [chosen] = chooseJudges({ store, names: [filter.judge] });
  return chosen?.judge ?? own;
}

/** Whose judgements count is not a question of which trials are meant. */
function isOpen({ judge: _, ...filter }: ViewFilter): boolean {
  return Object.values(filter).every((value) => value === undefined || value === "");
}

function figuresOf({ store, report }: { store: RunStore; report: RunPage["report"] }): RunPage["figures"] {
  const { arms, judge, excludeDegraded } = report.summary;
  const { byArm } = storedFacts({ store, judge });
  const scores = arms.map(({ arm }) => armScores({ arm, trials: byArm.get(arm) ?? [], excludeDegraded }));
  return allFigures(runFigures({ report, scores }));
}

/** The choices alone, for a page that needs no report. */
export function runChoices({ store }: { store: RunStore }): Omit<RunChoices, "row"> {
  const labels = new Map(store.latents().map(({ latent, label }) => [latent, label]));
  const { trials, latents, prompts } = trialChoices({ store });
  const judged = Map.groupBy(store.judges(), ({ judge }) => judge);
  return {
    total: trials,
    choices: {
      arms: store.arms().map(({ name }) => name),
      latents: latents.map((latent) => ({ latent, label: labels.get(latent) ?? null })),
      prompts,
      judges: Array.from(judged, ([judge, repeats]) => ({
        judge,
        judged: Math.max(...repeats.map(({ judgements }) => judgements)),
      })),
    },
  };
}
