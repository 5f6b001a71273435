/**
 * A filled-in sheet becomes judgements of `human-<name>`. Nothing that a person said is overwritten: a label that differs from the stored one
 * is stored under the next repeat number, and the latest counts.
 */

import { CountersteerError } from "../errors.ts";
import { type HumanLabel, readLabelSheet } from "../judge/human/label-sheet.ts";
import { canonicalJson } from "../store/canonical-json.ts";
import type { RunStore } from "../store/run-store.ts";

export interface ImportLabelsOptions {
  store: RunStore;
  /** The sheet as CSV. */
  text: string;
  /** Its name, for messages. */
  file: string;
  /** Who judged: letters, digits, `-` and `_`. */
  name: string;
  now?: () => Date;
}

export interface ImportedLabels {
  judge: string;
  /** Responses labelled for the first time, labelled otherwise than before, and labelled as before. */
  added: number;
  changed: number;
  unchanged: number;
}

/** All or nothing. Throws CONFIG_INVALID naming the row that is wrong, or for a name that can't be one. */
export function importLabels(options: ImportLabelsOptions): ImportedLabels {
  const { store, text, file, name, now = () => new Date() } = options;
  if (!/^[\p{L}\p{N}_-]+$/u.test(name)) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `"${name}" can't be the name of who judged.`,
      why: "It becomes the judge's name: letters, digits, `-` and `_`.",
      todo: "Give another with --name.",
      facts: { name },
    });
  }
  const labels = readLabelSheet({
    text,
    file,
    name,
    responseOf: (key) => {
      const trial = store.trial(key);
      return trial === null || trial.error !== null ? null : trial.text;
    },
  });
  const result = { judge: `human-${name}/1`, added: 0, changed: 0, unchanged: 0 };
  store.transaction(() => {
    for (const label of labels) {
      result[putLabel({ store, label, now })] += 1;
    }
  });
  return result;
}

function putLabel({
  store,
  label: { trial, judgement },
  now,
}: {
  store: RunStore;
  label: HumanLabel;
  now: () => Date;
}): "added" | "changed" | "unchanged" {
  const before = store.judgement({ trialKey: trial, judge: judgement.judge });
  if (before !== null) {
    const { status, attempts, detail } = before;
    const { judge, ...said } = judgement;
    if (canonicalJson({ status, attempts, detail }) === canonicalJson(said)) return "unchanged";
  }
  const repeat = before === null ? 0 : before.repeat + 1;
  store.putJudgement({ ...judgement, trialKey: trial, repeat, createdAt: now().toISOString() });
  return before === null ? "added" : "changed";
}
