/** `countersteer finetune convert`: an adapter from PEFT's folder to a GGUF file, or back. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { type AdapterFormat, readAdapter } from "../../finetune/adapter/read-adapter.ts";
import { ADAPTER_TYPES, type AdapterType, writeGgufLora } from "../../finetune/adapter/write-gguf.ts";
import { writePeft } from "../../finetune/adapter/write-peft.ts";
import { originalName } from "../../model/original-name.ts";
import type { CliContext } from "../context.ts";
import { cacheDirOption } from "../options.ts";
import { adapterModel } from "./adapter-model.ts";
import { refuseExisting } from "./refuse-existing.ts";

interface ConvertFlags {
  model?: string;
  baseModel?: string;
  type?: AdapterType;
  cacheDir?: string;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("convert")
    .description(
      "Turn a folder that PEFT wrote into a GGUF file, or a GGUF file into such a folder; which, is told by what is given.\n" +
        "The model must be the one that the adapter was trained on: it says how rows of queries and keys are ordered.",
    )
    .argument("<adapter>", "a folder with adapter_config.json, or a GGUF file")
    .argument("<out>", "GGUF file or folder to write; it may not exist yet")
    .option("--model <name or file>", "a known model, or a GGUF file (default: smollm2-135m)")
    .option("--base-model <name>", "what transformers loads the model by, for the folder's configuration")
    .addOption(
      new Option("--type <type>", "type of a GGUF file (default: f32, exact)").choices(ADAPTER_TYPES),
    )
    .addOption(cacheDirOption())
    .action((adapter: string, out: string, flags: ConvertFlags) => convert({ adapter, out, flags, context }));
}

async function convert({
  adapter: path,
  out,
  flags,
  context,
}: {
  adapter: string;
  out: string;
  flags: ConvertFlags;
  context: CliContext;
}): Promise<void> {
  refuseExisting(out);
  const { model, known } = await adapterModel({ flags, context });
  const { factors, shape, format } = await readAdapter({ path, model });
  refuseFlags({ format, flags });
  const { architecture } = model;
  const { type = "f32" } = flags;
  if (format === "peft") {
    await writeGgufLora({ path: out, factors, shape, architecture, type });
  } else {
    const baseModel = flags.baseModel ?? originalName(known) ?? model.path;
    await writePeft({ dir: out, factors, shape, baseModel, model });
  }
  const { rank, alpha, matrices, layers } = shape;
  const to: AdapterFormat = format === "peft" ? "gguf" : "peft";
  context.terminal.result({
    data: { from: path, out, format: to, architecture, rank, alpha, matrices, layers },
    text: () =>
      [
        out,
        `rank ${rank}, alpha ${alpha}, ${factors.length} matrices (${matrices.join(", ")}) in ${layers.length} blocks`,
        to === "gguf"
          ? `use it with: countersteer steer "..." --adapter ${out}`
          : "load it in Python with: PeftModel.from_pretrained(model, folder)",
      ].join("\n"),
  });
}

function refuseFlags({ format, flags }: { format: AdapterFormat; flags: ConvertFlags }): void {
  const flag =
    format === "gguf" && flags.type !== undefined
      ? "--type"
      : format === "peft" && flags.baseModel !== undefined
        ? "--base-model"
        : null;
  if (flag === null) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${flag} was given.`,
    why:
      format === "gguf" ? "A PEFT folder is always written as float32." : "A GGUF file has no place for it.",
    todo: `Leave out ${flag}.`,
    facts: { flag },
  });
}
