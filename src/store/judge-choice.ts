/** Judges by what a person calls them, and what they said. */
import { CountersteerError } from "../errors.ts";
import type { JudgementRecord } from "./records.ts";
import type { RunStore } from "./run-store.ts";

export interface JudgeChoice {
  /** What it is called in tables: the judge's id, and `#2` for its second repeat alone. */
  name: string;
  /** `name/version`. */
  judge: string;
  /** null takes the latest judgement of each response. */
  repeat: number | null;
}

/**
 * The judges named, or all that have judged; the run's own comes first. A name is an id, or a part of one that no other judge has; `#1` after it
 * takes that repeat only. Throws REQUEST_INVALID for a name of no judge, or of several.
 */
export function chooseJudges({
  store,
  names = null,
}: {
  store: RunStore;
  names?: readonly string[] | null;
}): JudgeChoice[] {
  const own = store.manifest().judge.id;
  const known = [...new Set(store.judges().map(({ judge }) => judge))];
  if (names === null) {
    const ordered = [...known.filter((id) => id === own), ...known.filter((id) => id !== own)];
    return ordered.map((judge) => ({ name: judge, judge, repeat: null }));
  }
  const chosen = names.map((name) => choose({ name, known, dir: store.dir }));
  const twice = chosen.find((each, i) => chosen.findIndex(({ name }) => name === each.name) !== i);
  if (twice !== undefined) {
    throw notChosen({ name: twice.name, why: "It is named twice.", known, dir: store.dir });
  }
  return chosen;
}

function choose({ name, known, dir }: { name: string; known: string[]; dir: string }): JudgeChoice {
  const [, text = name, number] = /^(.*)#(\d+)$/.exec(name) ?? [];
  const exact = known.filter((id) => id === text);
  const found = exact.length > 0 ? exact : known.filter((id) => id.includes(text));
  const [judge] = found;
  if (judge === undefined || found.length > 1) {
    const why = found.length > 1 ? `It could be ${found.join(", ")}.` : "No judge has that in its name.";
    throw notChosen({ name, why, known, dir });
  }
  const repeat = number === undefined ? null : Number(number);
  return { name: repeat === null ? judge : `${judge}#${repeat}`, judge, repeat };
}

function notChosen({ name, why, known, dir }: { name: string; why: string; known: string[]; dir: string }) {
  return new CountersteerError("REQUEST_INVALID", {
    what: `"${name}" does not choose a judge of the run in ${dir}.`,
    why,
    todo: known.length === 0 ? "Judge the run first." : `Its judges are ${known.join(", ")}.`,
    facts: { dir, name, judges: known },
  });
}

/** By trial key. */
export function judgementsOf({
  store,
  choice: { judge, repeat },
}: {
  store: RunStore;
  choice: Pick<JudgeChoice, "judge" | "repeat">;
}): Map<string, JudgementRecord> {
  const found = new Map<string, JudgementRecord>();
  for (const record of store.judgements({ judge })) {
    const before = found.get(record.trialKey);
    const wanted = repeat === null ? record.repeat > (before?.repeat ?? -1) : record.repeat === repeat;
    if (wanted) found.set(record.trialKey, record);
  }
  return found;
}
