/** `countersteer merge`: shards of a run become the run. */
import type { Command } from "commander";
import { type Merged, mergeRuns } from "../store/merge-runs.ts";
import { openRun } from "../store/open-store.ts";
import type { RunStore } from "../store/run-store.ts";
import type { CliContext } from "./context.ts";

interface MergeFlags {
  allowIncomplete?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("merge")
    .description("Put the shards of a run together, which `run --shard i/n` made.")
    .argument("<out>", "folder of the whole run; nothing may be there")
    .argument("<folders...>", "folders of the shards")
    .option("--allow-incomplete", "merge what there is where shards are missing or not finished")
    .action((out: string, dirs: string[], flags: MergeFlags) => merge({ out, dirs, flags, context }));
}

function merge({
  out,
  dirs,
  flags: { allowIncomplete = false },
  context: { terminal },
}: {
  out: string;
  dirs: string[];
  flags: MergeFlags;
  context: CliContext;
}): void {
  const shards: RunStore[] = [];
  try {
    for (const dir of dirs) shards.push(openRun({ dir, mode: "read" }));
    const merged = mergeRuns({
      shards,
      dir: out,
      allowIncomplete,
      onProgress: ({ done, total }) => terminal.status(() => `merging: ${done} of ${total} trials`),
    });
    for (const what of merged.incomplete) terminal.warn(what);
    terminal.result({ data: { dir: out, ...merged }, text: () => mergedLines({ out, merged }) });
  } finally {
    for (const shard of shards) shard.close();
  }
}

function mergedLines({ out, merged }: { out: string; merged: Merged }): string {
  const { shards, trials, judgements, incomplete } = merged;
  return [
    `${out}: ${trials} trials and ${judgements} judgements of ${shards.length} shards`,
    ...shards.map(
      ({ dir, shard, trials: own }) => `  ${shard.padEnd(8)} ${String(own).padStart(8)} trials  ${dir}`,
    ),
    ...(incomplete.length === 0 ? [] : [`incomplete; countersteer resume ${out} does what is missing`]),
    `Next: countersteer report ${out}`,
  ].join("\n");
}
