/** Adapters of a run's arms, before anything is generated: they are there, they fit the model, and they are the files that the arms name. */
import { adapterMismatch } from "../finetune/adapter/adapter-errors.ts";
import type { Session } from "./session.ts";

/** Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED, ADAPTER_MISMATCH. */
export async function checkAdapters({
  session,
}: {
  session: Pick<Session, "arms" | "adapterOf">;
}): Promise<void> {
  const adapters = new Map(
    session.arms.flatMap(({ adapter }) => (adapter === null ? [] : [[adapter.path, adapter] as const])),
  );
  for (const { path, hash } of adapters.values()) {
    const found = await session.adapterOf(path);
    if (found.hash === hash) continue;
    throw adapterMismatch({
      path,
      why: `An arm of the run names the file with SHA-256 ${hash}, and this one has ${found.hash}.`,
      facts: { wanted: hash, found: found.hash },
    });
  }
}
