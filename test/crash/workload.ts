/** What a command under fire is to the harness: how it is begun and gone on with, and what its result is. */

/** Contents by name. What is there once keeps its value, whatever happens later. */
export type Result = ReadonlyMap<string, string>;

export interface Workload {
  /** Whether it has engine processes, which are then killed as well. */
  engines: boolean;
  /** Its result is there as a whole or not at all. */
  atOnce: boolean;
  /** Puts what the command needs into an empty folder. */
  prepare: (home: string) => Promise<void>;
  /** The command that begins, or goes on with, what the folder holds. */
  args: (home: string) => Promise<string[]>;
  /** What the folder holds by now; empty before there is anything. */
  result: (home: string) => Promise<Result>;
}

/** What all workloads share. */
export interface World {
  /** Holds inputs; nobody writes there but the makers of workloads. */
  folder: string;
  /** A GGUF file of a toy model. */
  model: string;
  /** A dictionary of its block 0. */
  sae: string;
  /** A language model that judges by a rule. */
  judgeUrl: string;
}

export type WorkloadMaker = (world: World) => Promise<Workload>;

/** Differences, in words; empty where both are the same. With `partly` what is missing is none. */
export function differences({
  whole,
  found,
  partly = false,
}: {
  whole: Result;
  found: Result;
  partly?: boolean;
}): string[] {
  const lost = partly ? [] : [...whole.keys()].filter((key) => !found.has(key)).map((key) => `lost: ${key}`);
  const other = [...found].flatMap(([key, value]) => {
    const expected = whole.get(key);
    if (expected === undefined) return [`invented: ${key}`];
    return expected === value ? [] : [`changed: ${key}`];
  });
  return [...lost, ...other];
}
