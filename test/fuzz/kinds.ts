/** All kinds of bad input. */
import type { Kind } from "./kind.ts";
import { adapterEngine, adapterGguf, adapterPeft } from "./kinds/adapters.ts";
import { benchResults } from "./kinds/bench-results.ts";
import { saeNpz, saePt, saeSafetensors } from "./kinds/dictionaries.ts";
import { gguf, ggufEngine } from "./kinds/models.ts";
import { prompts } from "./kinds/prompts.ts";
import { referenceResults, runStore, trialsCsv, trialsJsonl, trialsParquet } from "./kinds/runs.ts";
import { chatRequests, viewerRequests } from "./kinds/servers.ts";
import { presetFlags, runFiles } from "./kinds/settings.ts";
import { vllmReplies } from "./kinds/vllm-replies.ts";

export const KINDS: readonly Kind[] = [
  runFiles,
  presetFlags,
  prompts,
  saeSafetensors,
  saeNpz,
  saePt,
  gguf,
  ggufEngine,
  adapterPeft,
  adapterGguf,
  adapterEngine,
  runStore,
  trialsJsonl,
  trialsCsv,
  trialsParquet,
  referenceResults,
  benchResults,
  chatRequests,
  viewerRequests,
  vllmReplies,
];

/** Throws where there is none of this name. */
export function kindNamed(name: string): Kind {
  const kind = KINDS.find((each) => each.name === name);
  if (kind === undefined)
    throw new Error(`There is no kind ${name}. The kinds are ${KINDS.map((each) => each.name).join(", ")}.`);
  return kind;
}
