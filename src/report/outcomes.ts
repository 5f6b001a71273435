/** Stored trials as the outcomes that the statistics count (METHOD.md 1.2): what each judgement status means for the denominators. */
import type { ClusterId } from "../stats/clusters.ts";
import type { ClusteredOutcome } from "../stats/rate-observations.ts";
import type { EndScores } from "../stats/rates.ts";
import { columnsOfFacts, FactAt, type FactColumns, type JudgedFact } from "../store/fact-columns.ts";
import { judgedFactOf } from "../store/read-facts.ts";
import type { JudgementStatus } from "../store/records.ts";
import type { JudgedTrial, RunStore } from "../store/run-store.ts";
import { TrialSet } from "./trial-set.ts";

export interface TrialFacts {
  row: JudgedFact;
  /** Only scored judgements enter a rate; every other status is one that the statistics leave out. */
  outcome: ClusteredOutcome;
}

const STATUSES: Record<JudgementStatus, ClusteredOutcome["status"]> = {
  scored: "judged",
  "no-attempt": "judged",
  refused: "refused",
  unparsable: "unparsable",
  empty: "unparsable",
  failed: "errored",
};

/** In an order that does not depend on which trial finished first: resamples and examples must be the same after a resume. */
export function trialFacts(rows: Iterable<JudgedTrial>): TrialFacts[] {
  return factsOf(trialSet(rows));
}

/** The same in columns: by latent, those without one first, then by key. */
export function trialSet(rows: Iterable<JudgedTrial>): TrialSet {
  const facts = Array.from(rows, judgedFactOf).sort(
    (a, b) => (a.latent ?? -1) - (b.latent ?? -1) || (a.key < b.key ? -1 : 1),
  );
  return wholeSet(columnsOfFacts(facts));
}

function factsOf({ facts, places }: TrialSet): TrialFacts[] {
  return Array.from(places, (at) => ({ row: new FactAt(facts, at), outcome: new OutcomeAt(facts, at) }));
}

/** Sets of the trials of each arm, in the order in which they appear. */
export function setsByArm(set: TrialSet): Map<string, TrialSet> {
  const { facts, places } = set;
  const byArm = Map.groupBy(places, (at) => facts.arm[at] ?? "");
  return new Map(Array.from(byArm, ([arm, own]) => [arm, new TrialSet(facts, Int32Array.from(own))]));
}

function wholeSet(facts: FactColumns): TrialSet {
  return new TrialSet(
    facts,
    Int32Array.from({ length: facts.length }, (_, i) => i),
  );
}

/** Trials of a run under one judge. Single trials are made of the columns where somebody asks for them. */
export class StoredFacts {
  readonly whole: TrialSet;
  readonly arms: ReadonlyMap<string, TrialSet>;
  readonly #none: TrialSet;

  constructor(facts: FactColumns) {
    this.whole = wholeSet(facts);
    this.arms = setsByArm(this.whole);
    this.#none = new TrialSet(facts, new Int32Array(0));
  }

  /** In the order of `trialFacts`. */
  get all(): TrialFacts[] {
    return factsOf(this.whole);
  }

  get byArm(): ReadonlyMap<string, TrialFacts[]> {
    return new Map(Array.from(this.arms, ([arm, set]) => [arm, factsOf(set)]));
  }

  arm(name: string): TrialSet {
    return this.arms.get(name) ?? this.#none;
  }
}

interface KnownFacts {
  version: string;
  byJudge: Map<string, StoredFacts>;
}

const known = new WeakMap<RunStore, KnownFacts>();

/** Of all trials of a run, read once for all that a report makes of them and again when the run has changed. */
export function storedFacts({ store, judge }: { store: RunStore; judge?: string | undefined }): StoredFacts {
  const version = store.version();
  const before = known.get(store);
  const { byJudge } = before?.version === version ? before : { byJudge: new Map<string, StoredFacts>() };
  const by = judge ?? store.manifest().judge.id;
  const found = byJudge.get(by) ?? new StoredFacts(store.facts({ judge: by }));
  byJudge.set(by, found);
  // facts may have been derived just now, which counts as a change
  known.set(store, { version: store.version(), byJudge });
  return found;
}

/** One place of the columns as an outcome. */
class OutcomeAt {
  readonly latent: ClusterId;
  readonly prompt: number;
  readonly degraded: boolean;
  readonly status: ClusteredOutcome["status"];
  readonly #facts: FactColumns;
  readonly #at: number;

  constructor(facts: FactColumns, at: number) {
    const latent = facts.latent[at] ?? -1;
    const status = facts.status[at] ?? null;
    this.#facts = facts;
    this.#at = at;
    this.prompt = facts.promptIndex[at] ?? 0;
    // trials without a latent have no latent to share; what they share is the prompt
    this.latent = latent < 0 ? `prompt ${this.prompt}` : latent;
    this.degraded = facts.degraded[at] === 1;
    this.status = facts.failed[at] === 1 || status === null ? "errored" : STATUSES[status];
  }

  get ends(): EndScores | null {
    const first = this.#facts.first[this.#at] ?? Number.NaN;
    return Number.isNaN(first) || this.status !== "judged" ? null : new EndsAt(this.#facts, this.#at);
  }

  get scores(): (number | null)[] {
    return new FactAt(this.#facts, this.#at).sizes.map(([, score]) => score);
  }
}

/** All scores are wanted of few trials; the first and the last, of all again and again. */
class EndsAt implements EndScores {
  readonly #facts: FactColumns;
  readonly #at: number;

  constructor(facts: FactColumns, at: number) {
    this.#facts = facts;
    this.#at = at;
  }

  get first(): number {
    return this.#facts.first[this.#at] ?? Number.NaN;
  }
  get last(): number {
    return this.#facts.last[this.#at] ?? Number.NaN;
  }
  get attempts(): number {
    return this.#facts.scored[this.#at] ?? 0;
  }
  get scores(): number[] {
    return new FactAt(this.#facts, this.#at).sizes
      .map(([, score]) => score)
      .filter((score) => score !== null);
  }
}
