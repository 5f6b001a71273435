/** The live line of a run. */
import type { Progress } from "../experiment/progress.ts";

export function progressLine({ phase, done, total, tokensPerSecond, secondsLeft, rate }: Progress): string {
  const parts: string[] = [phase];
  if (total > 0) {
    parts.push(`${done}/${total}`);
  }
  if (tokensPerSecond > 0) {
    parts.push(`${tokensPerSecond.toFixed(0)} tokens/s`);
  }
  if (secondsLeft !== null && total > done) {
    parts.push(`${duration(secondsLeft)} left`);
  }
  if (rate !== null) {
    const share = (100 * rate.multiAttempt) / rate.judged;
    parts.push(
      `multi-attempt ${share.toFixed(1)} % [${(100 * rate.lower).toFixed(1)}, ${(100 * rate.upper).toFixed(1)}] of ${rate.judged} steered`,
    );
  }
  return parts.join(" · ");
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes > 0 ? `${minutes} min ${String(whole % 60).padStart(2, "0")} s` : `${whole} s`;
}
