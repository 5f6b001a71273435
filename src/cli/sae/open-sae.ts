/** Opens the SAE that a subcommand of `sae` was given: a path, a shipped name, or one on the hub. */
import { cacheDir } from "../../model/cache-dir.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";
import { resolveSae } from "../../sae/resolve-sae.ts";
import type { CliContext } from "../context.ts";
import { hubAccess } from "../hub-access.ts";
import { pullLine } from "../pull-line.ts";

/** The caller closes it. Throws what `resolveSae` and `openDictionary` throw. */
export async function openSae({
  sae,
  flags,
  context: { terminal, env, signal },
}: {
  sae: string;
  flags: { cacheDir?: string };
  context: CliContext;
}): Promise<Dictionary> {
  const path = await resolveSae({
    sae,
    cacheDir: cacheDir({ override: flags.cacheDir }),
    onProgress: (progress) => terminal.status(() => pullLine(progress)),
    signal,
    ...hubAccess(env),
  });
  return openDictionary({ path });
}
