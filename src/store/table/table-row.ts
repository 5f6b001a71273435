/** A trial with one judge's latest judgement, as files of trials hold them: a row each. */
import { CountersteerError } from "../../errors.ts";
import { type JudgementRecord, judgementSchema, type TrialRecord, trialSchema } from "../records.ts";

export interface TableRow {
  trial: TrialRecord;
  judgement: JudgementRecord | null;
}

export interface RowPlace {
  file: string;
  /** From 1; of rows, without a header. */
  row: number;
}

/** Throws CONFIG_INVALID, with the place, for what is no record. */
export function readRow({
  trial,
  judgement,
  place,
}: {
  trial: unknown;
  judgement: unknown;
  place: RowPlace;
}): TableRow {
  const parsed = trialSchema.safeParse(trial);
  if (!parsed.success) throw badRow(place, parsed.error.issues[0]);
  if (judgement === null) return { trial: parsed.data, judgement: null };
  const judged = judgementSchema.safeParse(judgement);
  if (!judged.success) throw badRow(place, judged.error.issues[0]);
  if (judged.data.trialKey !== parsed.data.key) {
    throw badRow(place, { path: ["judgement", "trialKey"], message: "is the key of another trial" });
  }
  return { trial: parsed.data, judgement: judged.data };
}

/** Refuses the row; nothing of the file is imported. */
export function badRow(
  { file, row }: RowPlace,
  issue: { path: readonly PropertyKey[]; message: string } | undefined,
): CountersteerError {
  const where = issue === undefined || issue.path.length === 0 ? "" : ` in ${issue.path.join(".")}`;
  return new CountersteerError("CONFIG_INVALID", {
    what: `Row ${row} of ${file} is no trial.`,
    why: `What stands${where} ${issue === undefined ? "can't be read" : `is refused: ${issue.message}`}.`,
    todo: "Import a file as `countersteer export` wrote it; nothing was imported.",
    facts: { file, row, place: issue?.path.map(String) ?? [], problem: issue?.message ?? null },
  });
}

/** Scores of the attempts that have one. */
export function scoresOf({ judgement }: TableRow): number[] {
  return (judgement?.attempts ?? []).flatMap(({ score }) => score ?? []);
}
