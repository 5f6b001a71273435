/** What was changed under a run's feet would mix two experiments in one table. */
import { CountersteerError } from "../errors.ts";
import type { Judge } from "../judge/judge.ts";
import { canonicalHash } from "../store/canonical-json.ts";
import type { RunStore } from "../store/run-store.ts";
import type { Session } from "./session.ts";

export interface AssertSameOptions {
  store: RunStore;
  session: Session;
  /** The run's own judge; null where another one judges. */
  judge: Judge | null;
}

/** Throws RUNS_UNEQUAL where the session is not the one that the run was begun with. */
export function assertSame({ store, session, judge }: AssertSameOptions): void {
  const { model, sae, judge: stored, templateHash } = store.manifest();
  const { info } = session.engine;
  const facts: [string, string, string][] = [
    ["model file", model.fileHash, info.fileHash],
    ["weight type", model.weightType, info.weightType],
    ["SAE", sae?.hash ?? "", session.dictionary.hash()],
    ["chat template", templateHash, session.templateHash],
    ...(judge === null
      ? []
      : ([["judge", stored.hash, canonicalHash(judge.describe())]] satisfies [string, string, string][])),
  ];
  const unequal = facts.filter(([, before, now]) => before !== now);
  if (unequal.length > 0) {
    throw new CountersteerError("RUNS_UNEQUAL", {
      what: `The run in ${store.dir} was begun with another ${unequal.map(([name]) => name).join(", ")}.`,
      why: "Its trials would not be comparable with the new ones.",
      todo: "Bring back what it was begun with, or start a new run.",
      facts: Object.fromEntries(unequal.map(([name, before, now]) => [name, { before, now }])),
    });
  }
}
