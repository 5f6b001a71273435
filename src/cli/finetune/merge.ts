/** `countersteer finetune merge`: a model with an adapter in its weights. */
import { stat } from "node:fs/promises";
import { type Command, Option } from "commander";
import { MERGE_TYPES, type MergeType, mergeAdapter } from "../../finetune/adapter/merge-adapter.ts";
import { readAdapter } from "../../finetune/adapter/read-adapter.ts";
import { resolveAdapter } from "../../finetune/adapter/resolve-adapter.ts";
import { hashFile } from "../../model/file-hash.ts";
import type { CliContext } from "../context.ts";
import { cacheDirOption } from "../options.ts";
import { packageVersion } from "../package-version.ts";
import { adapterModel } from "./adapter-model.ts";
import { refuseExisting } from "./refuse-existing.ts";

interface MergeFlags {
  model?: string;
  type: MergeType;
  cacheDir?: string;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("merge")
    .description(
      "Write a model with an adapter in its weights, as one GGUF file. Matrices that the adapter changes are written in --type;\n" +
        "everything else is copied as it is. A type narrower than f32 rounds.",
    )
    .argument("<adapter>", "a folder that PEFT wrote, or a GGUF file")
    .argument("<out>", "GGUF file to write; it may not exist yet")
    .option("--model <name or file>", "a known model, or a GGUF file (default: smollm2-135m)")
    .addOption(
      new Option("--type <type>", "type of the adapted matrices").choices(MERGE_TYPES).default("f16"),
    )
    .addOption(cacheDirOption())
    .action((adapter: string, out: string, flags: MergeFlags) => merge({ adapter, out, flags, context }));
}

async function merge({
  adapter: path,
  out,
  flags,
  context,
}: {
  adapter: string;
  out: string;
  flags: MergeFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal, signal } = context;
  refuseExisting(out);
  const { model, cacheDir } = await adapterModel({ flags, context });
  const resolved = await resolveAdapter({ path, model: model.path, cacheDir });
  const adapter = await readAdapter({ path: resolved.path, model });
  const provenance = {
    base_sha256: await hashFile({ path: model.path, cacheDir }),
    adapter_sha256: resolved.hash,
    version: packageVersion(),
  };
  const merged = await mergeAdapter({
    base: model.path,
    adapter,
    out,
    type: flags.type,
    provenance,
    onProgress: (done, total) => terminal.status(() => `${done} of ${total} tensors written`),
    signal,
  });
  const { size } = await stat(out);
  terminal.result({
    data: { out, base: model.path, adapter: path, type: flags.type, bytes: size, ...merged, ...provenance },
    text: () =>
      [
        out,
        `${(size / 2 ** 20).toFixed(0)} MiB: ${merged.adapted} adapted matrices as ${flags.type}, ${merged.copied} tensors as they were`,
        `use it with: --model ${out}`,
      ].join("\n"),
  });
}
