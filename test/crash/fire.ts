/** Gives each command its share of the kills, and lives lives until it has had them. */
import path from "node:path";
import { createRng } from "../../src/stats/rng.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Life, live, undisturbed } from "./life.ts";
import type { CrashResult } from "./result.ts";
import type { WorkloadMaker } from "./workload.ts";
import { exportWorkload } from "./workloads/export.ts";
import { judgeWorkload, likelihoodWorkload } from "./workloads/judge.ts";
import { mergeAdapterWorkload, mergeWorkload } from "./workloads/merge.ts";
import { runWorkload } from "./workloads/run.ts";
import { dictionaryWorkload, finetuneWorkload } from "./workloads/train.ts";
import { makeWorld } from "./world.ts";

export interface UnderFire {
  name: string;
  /** Share of the kills that it gets, relative to the others'. */
  weight: number;
  make: WorkloadMaker;
}

export const UNDER_FIRE: readonly UnderFire[] = [
  { name: "run", weight: 6, make: runWorkload },
  { name: "judge rejudge (llm)", weight: 2, make: judgeWorkload },
  { name: "judge rejudge (likelihood)", weight: 2, make: likelihoodWorkload },
  { name: "finetune train", weight: 3, make: finetuneWorkload },
  { name: "sae train", weight: 2, make: dictionaryWorkload },
  { name: "merge", weight: 2, make: mergeWorkload },
  { name: "finetune merge", weight: 1, make: mergeAdapterWorkload },
  { name: "export (jsonl)", weight: 1, make: exportWorkload("jsonl") },
  { name: "export (csv)", weight: 0.5, make: exportWorkload("csv") },
  { name: "export (parquet)", weight: 1, make: exportWorkload("parquet") },
];

/** Kills in one life at most. */
const MOST = 4;

export interface FireOptions {
  kills: number;
  seed: number;
  /** Lives of one command that are lived at once. @default 1 */
  atOnce?: number;
  /** @default all of them */
  only?: (name: string) => boolean;
  onLife?: (of: { workload: string; life: Life; done: number; of: number }) => void;
}

export async function fire({
  kills,
  seed,
  atOnce = 1,
  only = () => true,
  onLife = () => {},
}: FireOptions): Promise<Pick<CrashResult, "lives" | "undisturbed">> {
  await using world = await makeWorld();
  const lives: CrashResult["lives"] = [];
  const seconds: Record<string, number> = {};
  for (const [stream, { name, make, share }] of shares({ of: UNDER_FIRE, kills }).entries()) {
    if (!only(name)) continue;
    const workload = await make(world);
    await using folder = await temporaryFolder();
    const whole = await undisturbed({ workload, home: path.join(folder.path, "whole") });
    seconds[name] = whole.seconds;
    const rng = createRng({ seed, stream });
    let [done, promised, begun, thought] = [0, 0, 0, whole.seconds];
    const liveOn = async () => {
      while (done + promised < share) {
        if (begun > 5 * share + 10) throw new Error(`${name} can't be hit`);
        const most = Math.min(1 + rng.below(MOST), share - done - promised);
        promised += most;
        const home = path.join(folder.path, `life-${begun++}`);
        const life = await live({ workload, whole, home, rng, most, seconds: thought });
        promised -= most;
        done += life.kills.length;
        // one that was through before its moment had come takes less time than was thought
        thought *= life.kills.length === 0 ? 0.8 : 1.03;
        lives.push({ workload: name, ...life });
        onLife({ workload: name, life, done, of: share });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, liveOn));
  }
  return { lives, undisturbed: seconds };
}

/** Whole numbers of kills by weight, at least one each, that add up where there are enough. */
export function shares({
  of,
  kills,
}: {
  of: readonly UnderFire[];
  kills: number;
}): (UnderFire & { share: number })[] {
  const all = of.reduce((sum, { weight }) => sum + weight, 0);
  const found = of.map((each) => ({ ...each, share: Math.max(1, Math.floor((kills * each.weight) / all)) }));
  const [first] = found;
  const sum = found.reduce((total, { share }) => total + share, 0);
  if (first !== undefined) first.share = Math.max(1, first.share + kills - sum);
  return found;
}
