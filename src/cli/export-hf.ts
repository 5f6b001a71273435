/** `countersteer export-hf`: a GGUF model as a folder that transformers and vLLM load. */
import { type Command, Option } from "commander";
import { EXPORT_TYPES, type ExportType, exportModel } from "../finetune/hugging-face/export-model.ts";
import { hashFile } from "../model/file-hash.ts";
import { resolveModel } from "../model/resolve-model.ts";
import type { CliContext } from "./context.ts";
import { refuseExisting } from "./finetune/refuse-existing.ts";
import { hubAccess } from "./hub-access.ts";
import { machineOf } from "./machine.ts";
import { cacheDirOption } from "./options.ts";
import { packageVersion } from "./package-version.ts";

interface ExportHfFlags {
  type: ExportType;
  cacheDir?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("export-hf")
    .description(
      "Write a GGUF model as a folder in Hugging Face's format (config.json, model.safetensors, tokenizer.json), which vLLM and\n" +
        "transformers load. As float32 the weights are those of --weights exact, to the bit. Families: Llama, Qwen 2 and 3.",
    )
    .argument("<model>", "a known model, or a GGUF file")
    .argument("<out>", "folder to write; it may not exist yet")
    .addOption(new Option("--type <type>", "type of the weights").choices(EXPORT_TYPES).default("float32"))
    .addOption(cacheDirOption())
    .action((model: string, out: string, flags: ExportHfFlags) => exportHf({ model, out, flags, context }));
}

async function exportHf({
  model,
  out,
  flags,
  context,
}: {
  model: string;
  out: string;
  flags: ExportHfFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal, signal, env } = context;
  refuseExisting(out);
  const { cacheDir, onPull } = await machineOf({ flags, context });
  const { path } = await resolveModel({ model, cacheDir, onProgress: onPull, signal, ...hubAccess(env) });
  const provenance = { gguf_sha256: await hashFile({ path, cacheDir }), countersteer: packageVersion() };
  const written = await exportModel({
    model: path,
    folder: out,
    type: flags.type,
    provenance,
    onProgress: (done, total) => terminal.status(() => `${done} of ${total} tensors written`),
    signal,
  });
  terminal.result({
    data: { out, model: path, type: flags.type, ...written, ...provenance },
    text: () =>
      `${out}: ${written.tensors} tensors as ${flags.type}, ${(written.bytes / 2 ** 20).toFixed(0)} MiB`,
  });
}
