/** What is told about a finished data set, and checked of it. */
import { ACKNOWLEDGEMENTS } from "./acknowledgements.ts";
import { findContamination, refuseContamination } from "./contamination.ts";
import type { DatasetMeta } from "./meta.ts";
import type { FinetuneRecord } from "./record.ts";

export function countRecords(records: readonly FinetuneRecord[]): DatasetMeta["counts"] {
  const count = (kind: FinetuneRecord["kind"], split: FinetuneRecord["split"]) =>
    records.filter((record) => record.kind === kind && record.split === split).length;
  const both = (kind: FinetuneRecord["kind"]) => ({
    train: count(kind, "train"),
    validation: count(kind, "validation"),
  });
  return { selfCorrection: both("self-correction"), normal: both("normal") };
}

export function acknowledgementIds(): DatasetMeta["acknowledgements"] {
  const ids = (heldOut: boolean) =>
    ACKNOWLEDGEMENTS.filter((each) => each.heldOut === heldOut).map(({ id }) => id);
  return { trained: ids(false), heldOut: ids(true) };
}

export interface CheckOptions {
  records: readonly FinetuneRecord[];
  evaluationPrompts: readonly string[];
  evaluationLatents: readonly number[];
  /** @default false */
  allowed?: boolean;
}

/** The report of a data set. Throws FINETUNE_CONTAMINATED unless contamination is allowed; it is counted then. */
export function checkedContamination({
  allowed = false,
  ...options
}: CheckOptions): DatasetMeta["contamination"] {
  if (!allowed) refuseContamination(options);
  return {
    evaluationPrompts: options.evaluationPrompts.length,
    evaluationLatents: options.evaluationLatents.length,
    heldOutAcknowledgements: acknowledgementIds().heldOut.length,
    found: findContamination(options).length,
  };
}

/** Before anything is made: throws FINETUNE_CONTAMINATED if a prompt is one of those that evaluate. */
export function refusePrompts({
  prompts,
  evaluationPrompts,
}: {
  prompts: readonly string[];
  evaluationPrompts: readonly string[];
}): void {
  const records = prompts.map((prompt, i): FinetuneRecord => {
    const segments = [{ text: prompt, trained: true }];
    return { id: String(i), kind: "normal", prompt, segments, split: "train" };
  });
  refuseContamination({ records, evaluationPrompts, evaluationLatents: [] });
}
