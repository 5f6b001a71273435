/** What a running experiment tells its watcher: the CLI's live line, the viewer, a log. */
import { wilson } from "../stats/wilson.ts";

export type Phase = "judge calibration" | "latents" | "thresholds" | "divergence" | "trials" | "done";

export interface Progress {
  phase: Phase;
  /** Steps done and expected in this phase; the total may be an upper bound while searches can still stop early. */
  done: number;
  total: number;
  /** Tokens sampled by this process so far, and per second. */
  tokens: number;
  tokensPerSecond: number;
  /** Seconds left in this phase at the pace so far; null before there is a pace. */
  secondsLeft: number | null;
  /** Steered trials judged, and the share with a second attempt, with its Wilson interval. */
  rate: { judged: number; multiAttempt: number; lower: number; upper: number } | null;
}

export type OnProgress = (progress: Progress) => void;

export class ProgressMeter {
  readonly #now: () => number;
  readonly #onProgress: OnProgress;
  readonly #started: number;
  #phase: Phase = "judge calibration";
  #phaseStarted: number;
  #done = 0;
  #total = 0;
  #tokens = 0;
  #judged = 0;
  #multi = 0;

  constructor({ onProgress, now = () => performance.now() }: { onProgress: OnProgress; now?: () => number }) {
    this.#now = now;
    this.#onProgress = onProgress;
    this.#started = now();
    this.#phaseStarted = this.#started;
  }

  get tokens(): number {
    return this.#tokens;
  }

  begin({ phase, total }: { phase: Phase; total: number }): void {
    this.#phase = phase;
    this.#total = total;
    this.#done = 0;
    this.#phaseStarted = this.#now();
    this.#tell();
  }

  step({ tokens = 0, steps = 1 }: { tokens?: number; steps?: number } = {}): void {
    this.#done += steps;
    this.#tokens += tokens;
    this.#tell();
  }

  judged({ multiAttempt }: { multiAttempt: boolean }): void {
    this.#judged++;
    this.#multi += multiAttempt ? 1 : 0;
  }

  #tell(): void {
    const seconds = (this.#now() - this.#started) / 1000;
    const inPhase = (this.#now() - this.#phaseStarted) / 1000;
    const interval = this.#judged > 0 ? wilson({ successes: this.#multi, n: this.#judged }) : null;
    this.#onProgress({
      phase: this.#phase,
      done: this.#done,
      total: this.#total,
      tokens: this.#tokens,
      tokensPerSecond: seconds > 0 ? this.#tokens / seconds : 0,
      secondsLeft: this.#done > 0 ? Math.max(0, (inPhase / this.#done) * (this.#total - this.#done)) : null,
      rate: interval && {
        judged: this.#judged,
        multiAttempt: this.#multi,
        lower: interval.lower,
        upper: interval.upper,
      },
    });
  }
}
