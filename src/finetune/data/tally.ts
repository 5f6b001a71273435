/** How many texts were looked at, and why those that were dropped were. */
export interface Tally {
  made: number;
  kept: number;
  /** By reason. */
  dropped: Record<string, number>;
}

export function emptyTally(): Tally {
  return { made: 0, kept: 0, dropped: {} };
}

export function drop(tally: Tally, reason: string): void {
  tally.dropped[reason] = (tally.dropped[reason] ?? 0) + 1;
}

/** "1,200 made, 400 kept; dropped: on-topic 500, not-fluent 300" */
export function tallyText({ made, kept, dropped }: Tally): string {
  const reasons = Object.entries(dropped)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`);
  return `${made} made, ${kept} kept${reasons.length === 0 ? "" : `; dropped: ${reasons.join(", ")}`}`;
}
