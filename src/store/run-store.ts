/**
 * A run on disk. Every write is on disk when the method returns, and is idempotent: the same key with the same content is a no-op, the
 * same key with other content an error. Iterations may go on while rows are written.
 */
import { getActivations, listActivations, putActivations } from "./activation-table.ts";
import { type RunCounts, readCounts } from "./counts.ts";
import type { Database } from "./database.ts";
import { getEvents, putEvent } from "./event-table.ts";
import { chooseFacts, type FactColumns } from "./fact-columns.ts";
import {
  countByJudge,
  iterateJudgements,
  type JudgeCount,
  type JudgementFilter,
  latestJudgement,
  putJudgement,
  replaceFailedJudgement,
} from "./judgement-table.ts";
import type { Manifest } from "./manifest.ts";
import { readFacts, readStrengths } from "./read-facts.ts";
import type {
  ActivationsRecord,
  ArmRecord,
  EventRecord,
  JudgementRecord,
  LatentRecord,
  ThresholdRecord,
  ThresholdSampleRecord,
  TrialRecord,
} from "./records.ts";
import {
  getArms,
  getLatents,
  getManifest,
  type LatentInput,
  putArms,
  putLatents,
  putManifest,
} from "./setup-tables.ts";
import {
  allThresholds,
  getThreshold,
  getThresholdSample,
  iterateThresholdSamples,
  putThreshold,
  putThresholdSample,
  type ThresholdInput,
  type ThresholdSampleInput,
} from "./threshold-table.ts";
import { getTrial, iterateTrials, putTrial, replaceFailedTrial, type TrialFilter } from "./trial-table.ts";

export interface JudgedTrial {
  trial: TrialRecord;
  /** null where the judge has not seen the trial. */
  judgement: JudgementRecord | null;
}

export interface JudgedFilter extends TrialFilter {
  /** `name/version`. @default the manifest's judge */
  judge?: string;
}

export interface RunStoreOptions {
  database: Database;
  mode: "write" | "read";
  onClose: () => void;
  now: () => Date;
  /** Keys of the trials that this store shows. @default all */
  keys?: ReadonlySet<string>;
}

export class RunStore {
  readonly dir: string;
  readonly mode: "write" | "read";
  readonly #db: Database;
  readonly #onClose: () => void;
  readonly #now: () => Date;
  readonly #keys: ReadonlySet<string> | undefined;
  #closed = false;

  constructor({ database, mode, onClose, now, keys }: RunStoreOptions) {
    this.dir = database.dir;
    this.mode = mode;
    this.#db = database;
    this.#onClose = onClose;
    this.#now = now;
    this.#keys = keys;
  }

  /**
   * The same run as if only these trials were in it, for reading: whatever is made of `trials`, `judged` and `judgements` is of them alone.
   * Counts, events and what was done before the trials stay those of the whole run. It lives as long as the store that it comes from.
   */
  only(keys: ReadonlySet<string>): RunStore {
    return new RunStore({ database: this.#db, mode: "read", onClose: () => {}, now: this.#now, keys });
  }

  /** Returns true when new; the other `put` methods do the same. */
  putManifest(manifest: Manifest): boolean {
    return putManifest(this.#db, manifest);
  }

  manifest(): Manifest {
    return getManifest(this.#db);
  }

  putArms(arms: readonly ArmRecord[]): void {
    putArms(this.#db, arms);
  }

  arms(): ArmRecord[] {
    return getArms(this.#db);
  }

  putLatents(latents: readonly LatentInput[]): void {
    putLatents(this.#db, latents);
  }

  latents(filter: { role?: string } = {}): LatentRecord[] {
    return getLatents(this.#db, filter);
  }

  putThresholdSample(sample: ThresholdSampleInput): boolean {
    return putThresholdSample(this.#db, sample);
  }

  thresholdSample(key: string): ThresholdSampleRecord | null {
    return getThresholdSample(this.#db, key);
  }

  thresholdSamples(filter: { latent?: number } = {}): Iterable<ThresholdSampleRecord> {
    return iterateThresholdSamples(this.#db, filter);
  }

  putThreshold(threshold: ThresholdInput): boolean {
    return putThreshold(this.#db, threshold);
  }

  threshold(latent: number, calibration = "steered"): ThresholdRecord | null {
    return getThreshold(this.#db, { latent, calibration });
  }

  thresholds(): ThresholdRecord[] {
    return allThresholds(this.#db);
  }

  putTrial(trial: TrialRecord): boolean {
    return putTrial(this.#db, trial);
  }

  /** Puts a new result in the place of a trial that failed, and leaves an event. Falls back to `putTrial` where there is none. */
  retryTrial(trial: TrialRecord): boolean {
    return this.#db.transaction(() => {
      const before = this.trial(trial.key);
      const replaced = replaceFailedTrial(this.#db, trial);
      if (replaced && before !== null) {
        this.putEvent({ kind: "trial-retried", detail: { key: trial.key, error: before.error } });
      }
      return replaced || this.putTrial(trial);
    });
  }

  trial(key: string): TrialRecord | null {
    return getTrial(this.#db, key);
  }

  trials(filter: TrialFilter = {}): Iterable<TrialRecord> {
    return iterateTrials(this.#db, { ...filter, keys: this.#keys });
  }

  /** Keys of the stored trials; those that failed only where `failed` says so. */
  trialKeys({ failed }: { failed?: boolean } = {}): Set<string> {
    const where = failed === undefined ? "1" : `error ${failed ? "<>" : "="} 'null'`;
    return new Set(this.#db.all(`SELECT key FROM trials WHERE ${where}`).map((row) => String(row.key)));
  }

  putJudgement(judgement: JudgementRecord): boolean {
    return putJudgement(this.#db, judgement);
  }

  /** Puts a new judgement in the place of a judge failure, and leaves an event. Falls back to `putJudgement` where there is none. */
  retryJudgement(judgement: JudgementRecord): boolean {
    return this.#db.transaction(() => {
      const { trialKey, judge, repeat } = judgement;
      const replaced = replaceFailedJudgement(this.#db, judgement);
      if (replaced) {
        this.putEvent({ kind: "judgement-retried", detail: { trialKey, judge, repeat } });
      }
      return replaced || this.putJudgement(judgement);
    });
  }

  /** The latest judgement of one judge (`name/version`): the one with the highest repeat number. */
  judgement(of: { trialKey: string; judge: string }): JudgementRecord | null {
    return latestJudgement(this.#db, of);
  }

  judgements(filter: JudgementFilter = {}): Iterable<JudgementRecord> {
    return iterateJudgements(this.#db, { ...filter, trialKeys: this.#keys });
  }

  /** Who has judged how much. */
  judges(): JudgeCount[] {
    return countByJudge(this.#db);
  }

  /** Trials, each with the latest judgement of one judge. */
  *judged({ judge, ...filter }: JudgedFilter = {}): Generator<JudgedTrial> {
    const by = judge ?? this.manifest().judge.id;
    for (const trial of this.trials(filter)) {
      yield { trial, judgement: latestJudgement(this.#db, { trialKey: trial.key, judge: by }) };
    }
  }

  /** What statistics need of the trials, each with the latest judgement of one judge (default: the manifest's), by latent and key. */
  facts({ judge = this.manifest().judge.id }: { judge?: string } = {}): FactColumns {
    const facts = this.#db.snapshot(() => readFacts(this.#db, { judge }));
    const keys = this.#keys;
    if (keys === undefined) return facts;
    const shown = facts.key.flatMap((key, i) => (keys.has(key) ? [i] : []));
    return chooseFacts(facts, Int32Array.from(shown));
  }

  /** Latent and strength of an arm's trials in the order of writing. */
  strengths({ arm }: { arm: string }): { key: string; latent: number | null; strength: number }[] {
    const found = this.#db.snapshot(() => readStrengths(this.#db, { arm }));
    const keys = this.#keys;
    return keys === undefined ? found : found.filter(({ key }) => keys.has(key));
  }

  /** Changes with every change to the run, whoever makes it. */
  version(): string {
    return this.#db.contentVersion();
  }

  putActivations(activations: ActivationsRecord): boolean {
    return putActivations(this.#db, activations);
  }

  activations(of: { trialKey: string; name: string }): ActivationsRecord | null {
    return getActivations(this.#db, of);
  }

  /** Names and latents of what was recorded of a trial. */
  recordings(trialKey: string): Pick<ActivationsRecord, "name" | "columns">[] {
    return listActivations(this.#db, trialKey);
  }

  putEvent({ kind, detail }: Pick<EventRecord, "kind" | "detail">): void {
    putEvent(this.#db, { at: this.#now().toISOString(), kind, detail });
  }

  /** An event of another run, with its own time. */
  importEvent(event: EventRecord): void {
    putEvent(this.#db, event);
  }

  events(filter: { kind?: string } = {}): EventRecord[] {
    return getEvents(this.#db, filter);
  }

  counts(): RunCounts {
    return readCounts(this.#db);
  }

  /** For queries of this folder that no method covers: reads of one state, while others may write. */
  read<T>(work: (db: Database) => T): T {
    return this.#db.snapshot(() => work(this.#db));
  }

  /** Several writes as one: all or nothing, and one wait for the disk. `work` is synchronous. */
  transaction<T>(work: () => T): T {
    return this.#db.transaction(work);
  }

  /** Frees the folder for other writers. A second call does nothing, and so does one on what `only` gave. */
  close(): void {
    if (!this.#closed && this.#keys === undefined) {
      this.#closed = true;
      this.#db.close();
      this.#onClose();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
