/** Chooses responses of a run for people to judge: restarts are rare, so those that the run's judge calls multi-attempt get a share of their own. */

import { CountersteerError } from "../errors.ts";
import { type SheetRow, writeLabelSheet } from "../judge/human/label-sheet.ts";
import { judgementsOf } from "../store/judge-choice.ts";
import type { RunStore } from "../store/run-store.ts";
import { sampleKeys } from "./sample-keys.ts";

export interface ExportLabelsOptions {
  store: RunStore;
  /** Responses in the sheet. @default 100, or all where there are fewer */
  sample?: number;
  /** @default 0 */
  seed?: number;
  /** Share of the sheet that the run's judge calls multi-attempt, as far as there are so many. @default 0.5 */
  multiShare?: number;
  /** @default all */
  arm?: string | null;
}

export interface ExportedLabels {
  /** The sheet as CSV. */
  text: string;
  rows: number;
  /** Rows that the run's judge calls multi-attempt, and the other rows. */
  multiAttempt: number;
  others: number;
  /** Responses of either kind in the run: with the two numbers above, the weight of a row. */
  available: { multiAttempt: number; others: number };
}

/** Throws REQUEST_INVALID where there is no response. */
export function exportLabels(options: ExportLabelsOptions): ExportedLabels {
  const { store, sample = 100, seed = 0, multiShare = 0.5, arm = null } = options;
  const judge = store.manifest().judge.id;
  const judged = judgementsOf({ store, choice: { judge, repeat: null } });
  const rows = new Map<string, SheetRow>();
  for (const { key, prompt, text, error } of store.trials(arm === null ? {} : { arm })) {
    if (error === null) rows.set(key, { trial: key, prompt, response: text });
  }
  if (rows.size === 0) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `There is nothing to label in ${store.dir}.`,
      why: arm === null ? "The run has no response yet." : `It has no response in the arm "${arm}".`,
      todo: "Give a run or an arm with responses.",
      facts: { dir: store.dir, arm },
    });
  }
  const isMulti = (key: string) =>
    (judged.get(key)?.attempts.filter(({ score }) => score !== null).length ?? 0) >= 2;
  const multi = [...rows.keys()].filter(isMulti);
  const others = [...rows.keys()].filter((key) => !isMulti(key));
  const wanted = Math.min(sample, rows.size);
  // where one kind runs out, the other fills the sheet
  const few = Math.max(wanted - others.length, Math.min(multi.length, Math.round(multiShare * wanted)));
  const chosen = [
    ...sampleKeys({ keys: multi, count: few, seed }),
    ...sampleKeys({ keys: others, count: wanted - few, seed }),
  ];
  return {
    text: writeLabelSheet({ rows: chosen.flatMap((key) => rows.get(key) ?? []), seed }),
    rows: chosen.length,
    multiAttempt: few,
    others: wanted - few,
    available: { multiAttempt: multi.length, others: others.length },
  };
}
