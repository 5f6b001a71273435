/** The adapters of a stored run's arms, from its own settings. */
import { z } from "zod";
import { adapterMismatch } from "../finetune/adapter/adapter-errors.ts";
import { shippedData } from "../finetune/adapter/shipped-adapters.ts";
import type { RunStore } from "../store/run-store.ts";
import type { RunConfig } from "./config.ts";
import type { Session } from "./session.ts";

export interface RunAdapter {
  /** Of the first arm that has it. */
  name: string;
  /** GGUF file. */
  path: string;
  hash: string;
}

/** Each adapter once. `session` must have been opened from the run's settings. Throws ADAPTER_MISMATCH where a file is not what it was in the run. */
export function runAdapters({
  store,
  session,
}: {
  store: Pick<RunStore, "arms">;
  session: Pick<Session, "arms">;
}): RunAdapter[] {
  const stored = new Map(store.arms().map(({ name, content }) => [name, content.adapter]));
  const found = new Map<string, RunAdapter>();
  for (const { name, adapter } of session.arms) {
    if (adapter === null) continue;
    const { path, hash } = adapter;
    if (stored.get(name) !== hash) {
      throw adapterMismatch({
        path,
        why: `The arm "${name}" of the run has the one with SHA-256 ${stored.get(name) ?? "none"}, and this one has ${hash}.`,
        facts: { arm: name, wanted: stored.get(name) ?? null, found: hash },
      });
    }
    if (!found.has(hash)) found.set(hash, { name, path, hash });
  }
  return [...found.values()];
}

const settingsSchema = z.object({
  data: z.string().nullable(),
  adapters: z.array(z.object({ name: z.string(), path: z.string() })),
});

/** What the run's design `finetune` names: its adapters as they were given, and the data set, that of a shipped adapter where it names none, or null. */
export function trainingOf({ designs }: Pick<RunConfig, "designs">): z.infer<typeof settingsSchema> {
  const chosen = designs.find((choice) => typeof choice !== "string" && choice.name === "finetune");
  if (chosen === undefined) return { data: null, adapters: [] };
  const { data, adapters } = settingsSchema.parse(chosen);
  const shipped = adapters.flatMap(({ path }) => shippedData({ path }) ?? []);
  return { data: data?.replace(/\.meta\.json$/, ".jsonl") ?? shipped[0] ?? null, adapters };
}
