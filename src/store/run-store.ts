/**
 * A run on disk. Every write is on disk when the method returns, and is idempotent: the same key with the same content is a no-op, the
 * same key with other content an error. Iterations may go on while rows are written.
 */
import { getActivations, putActivations } from "./activation-table.ts";
import { type RunCounts, readCounts } from "./counts.ts";
import type { Database } from "./database.ts";
import { getEvents, putEvent } from "./event-table.ts";
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
}

export class RunStore {
  readonly dir: string;
  readonly mode: "write" | "read";
  readonly #db: Database;
  readonly #onClose: () => void;
  readonly #now: () => Date;
  #closed = false;

  constructor({ database, mode, onClose, now }: RunStoreOptions) {
    this.dir = database.dir;
    this.mode = mode;
    this.#db = database;
    this.#onClose = onClose;
    this.#now = now;
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
    return iterateTrials(this.#db, filter);
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
    return iterateJudgements(this.#db, filter);
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

  putActivations(activations: ActivationsRecord): boolean {
    return putActivations(this.#db, activations);
  }

  activations(of: { trialKey: string; name: string }): ActivationsRecord | null {
    return getActivations(this.#db, of);
  }

  putEvent({ kind, detail }: Pick<EventRecord, "kind" | "detail">): void {
    putEvent(this.#db, { at: this.#now().toISOString(), kind, detail });
  }

  events(filter: { kind?: string } = {}): EventRecord[] {
    return getEvents(this.#db, filter);
  }

  counts(): RunCounts {
    return readCounts(this.#db);
  }

  /** Several writes as one: all or nothing, and one wait for the disk. `work` is synchronous. */
  transaction<T>(work: () => T): T {
    return this.#db.transaction(work);
  }

  /** Frees the folder for other writers. A second call does nothing. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#db.close();
      this.#onClose();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
