/** Interleaved repetitions: a slow minute of the machine then hurts every variant, and ratios survive it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchRun } from "./result.ts";

export interface Sample {
  tokens: number;
  seconds: number;
  rowsEdited: number;
  /** Fraction of variance unexplained, where the run trained an SAE. */
  fvu?: number;
  /** Mean loss of the last steps, where the run trained an adapter. */
  loss?: number;
}

export interface Variant {
  name: string;
  /** One measured run. `seed` differs between repetitions and is equal for all variants of one. */
  run: (options: { rows: number; newTokens: number; seed: number }) => Promise<Sample>;
}

export interface InterleaveOptions {
  group: string;
  rows: number;
  newTokens: number;
  /** New tokens of the run before the first repetition, which is thrown away. */
  warmUpTokens: number;
  repetitions: number;
  variants: Variant[];
  log: (line: string) => void;
  /** Rest between two runs, so that the threads of the last one have stopped spinning. @default 0.3 */
  restSeconds?: number;
}

/** Runs every variant once in each repetition. Each begins with the next variant, so that none always follows the same one. */
export async function interleave(options: InterleaveOptions): Promise<BenchRun[]> {
  const { group, rows, newTokens, warmUpTokens, repetitions, variants, log, restSeconds = 0.3 } = options;
  for (const variant of variants) await variant.run({ rows, newTokens: warmUpTokens, seed: 1 });
  const runs: BenchRun[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const { name, run } of rotate(variants, repetition)) {
      await sleep(restSeconds * 1000);
      const sample = await run({ rows, newTokens, seed: 1000 + repetition });
      runs.push({ group, rows, variant: name, repetition, ...sample });
      const speed = sample.tokens / sample.seconds;
      log(
        `${group}, ${rows} rows, ${repetition + 1}/${repetitions}, ${name}: ${speed.toFixed(1)} tokens/s ` +
          `(${sample.tokens} in ${sample.seconds.toFixed(1)} s)`,
      );
    }
  }
  return runs;
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
