/** How fast a training goes, and how long it will take: training and measuring apart, since they differ in cost and number. */

export interface Pace {
  /** Runs a part of a training step that passes so many rows. */
  training<T>(rows: number, act: () => Promise<T>): Promise<T>;
  measuring<T>(act: () => Promise<T>): Promise<T>;
  /** Rows trained on in a second, of the time that training took. */
  tokensPerSecond(): number;
  secondsFor(left: { steps: number; measurements: number }): number;
  /** Since the beginning. */
  seconds(): number;
}

/** @param now milliseconds */
export function paceOf({ now }: { now: () => number }): Pace {
  const started = now();
  const spent = { training: 0, measuring: 0 };
  const count = { rows: 0, steps: 0, measurements: 0 };
  const timed = async <T>(part: "training" | "measuring", act: () => Promise<T>): Promise<T> => {
    const before = now();
    const result = await act();
    spent[part] += (now() - before) / 1000;
    return result;
  };
  const mean = (seconds: number, times: number) => (times === 0 ? 0 : seconds / times);
  return {
    async training(rows, act) {
      count.rows += rows;
      // the update passes no rows and ends a step
      if (rows === 0) count.steps += 1;
      return timed("training", act);
    },
    async measuring(act) {
      count.measurements += 1;
      return timed("measuring", act);
    },
    tokensPerSecond: () => count.rows / Math.max(spent.training, 1e-3),
    secondsFor: ({ steps, measurements }) =>
      steps * mean(spent.training, count.steps) + measurements * mean(spent.measuring, count.measurements),
    seconds: () => (now() - started) / 1000,
  };
}
