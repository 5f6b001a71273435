/** `countersteer finetune export`: a training that is done elsewhere, with axolotl or TRL on a GPU machine. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { type ChatTemplate, chatFrame } from "../../finetune/export/chat-frame.ts";
import { type HyperParameters, hyperParametersSchema } from "../../finetune/export/hyper-parameters.ts";
import { readChatTemplate } from "../../finetune/export/read-chat-template.ts";
import { COMMANDS, TRAINERS, type TrainerName } from "../../finetune/export/readme.ts";
import { writeExport } from "../../finetune/export/write-export.ts";
import { readDataset } from "../../finetune/train/read-dataset.ts";
import { readGgufInfo } from "../../model/gguf-info.ts";
import { originalName } from "../../model/original-name.ts";
import { DEFAULT_MODEL, findModel } from "../../model/registry.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { oneOfNames } from "../one-of-names.ts";
import { cacheDirOption } from "../options.ts";
import { adapterModel } from "./adapter-model.ts";
import { refuseExisting } from "./refuse-existing.ts";

interface ExportFlags extends Partial<HyperParameters> {
  data: string;
  out: string;
  model?: string;
  baseModel?: string;
  chatTemplate?: string;
  padToken?: string;
  cacheDir?: string;
}

export function register(parent: Command, context: CliContext): void {
  const whole = (flag: string, text: string, min = 1) =>
    new Option(`${flag} <n>`, text).argParser(wholeNumber({ flag, min }));
  const real = (flag: string, text: string, max?: number) =>
    new Option(`${flag} <x>`, text).argParser(
      realNumber({ flag, min: 0, ...(max === undefined ? {} : { max }) }),
    );
  parent
    .command("export")
    .description(
      "Write a folder with which axolotl or TRL trains an adapter on a GPU machine: examples, configuration with the paper's\n" +
        "settings, and a README with the commands there and back. The chat template is the model's; --chat-template takes it\n" +
        "from a file instead, so that a large model needn't be here.",
    )
    .argument("<trainer>", TRAINERS.join(" or "), oneOfNames({ flag: "The trainer", names: TRAINERS }))
    .requiredOption("--data <file>", "examples, as `finetune data` writes them")
    .requiredOption("--out <folder>", "folder to write; it may not exist yet")
    .option("--model <name or file>", "a known model, or a GGUF file (default: smollm2-135m)")
    .option("--base-model <name>", "what transformers loads the model by (default: that of a known model)")
    .option("--chat-template <file>", "Jinja file or tokenizer_config.json; the model is not opened then")
    .option(
      "--pad-token <text>",
      "padding token (default: <|end_of_text|> for Llama 3, else the tokenizer's)",
    )
    .addOption(whole("--rank", "LoRA rank (default: 32)"))
    .addOption(whole("--alpha", "LoRA alpha (default: 16)"))
    .addOption(real("--dropout", "LoRA dropout (default: 0.05)", 0.99))
    .addOption(real("--epochs", "passes over the examples (default: 4)"))
    .addOption(real("--learning-rate", "peak learning rate (default: 0.0002)"))
    .addOption(whole("--warm-up-steps", "steps over which it rises (default: 10)", 0))
    .addOption(real("--weight-decay", "weight decay (default: 0)"))
    .addOption(whole("--micro-batch", "examples that a GPU computes together (default: 2)"))
    .addOption(whole("--accumulation", "micro batches of a step (default: 4)"))
    .addOption(whole("--sequence-length", "longest example in tokens (default: 4096)"))
    .addOption(whole("--seed", "seed (default: 42)", 0))
    .addOption(cacheDirOption())
    .action((trainer: TrainerName, flags: ExportFlags) => exportTraining({ trainer, flags, context }));
}

async function exportTraining({
  trainer,
  flags,
  context,
}: {
  trainer: TrainerName;
  flags: ExportFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal } = context;
  refuseExisting(flags.out);
  const { records } = await readDataset({ file: flags.data });
  const settings = settingsOf(flags);
  const { template, known } = await templateOf({ flags, context });
  const baseModel = flags.baseModel ?? known;
  if (baseModel === null) throw noBaseModel();
  const frame = chatFrame(template);
  const model = flags.model ?? DEFAULT_MODEL;
  const { out: dir, padToken } = flags;
  const written = await writeExport({ trainer, dir, records, frame, settings, baseModel, model, padToken });
  const { install, run } = COMMANDS[trainer];
  terminal.result({
    data: { out: dir, trainer, baseModel, settings, end: frame.end, ...written, install, run },
    text: () =>
      [
        `${dir}: ${written.files.join(", ")}`,
        `${written.train} examples to train on, ${written.validation} to measure; ${baseModel}`,
        "on the GPU machine, in that folder:",
        `  ${install}`,
        `  ${run}`,
        `and back here: countersteer finetune convert ${dir}/adapter adapter.gguf --model ${model}`,
      ].join("\n"),
  });
}

function settingsOf(flags: ExportFlags): HyperParameters {
  const given = Object.entries(flags).filter(([name]) => Object.hasOwn(hyperParametersSchema.shape, name));
  const parsed = hyperParametersSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CountersteerError("CONFIG_INVALID", {
    what: "The settings of the training can't be used.",
    why: `${problems.join("; ")}.`,
    todo: "Correct these options.",
    facts: { problems },
  });
}

async function templateOf({
  flags,
  context,
}: {
  flags: ExportFlags;
  context: CliContext;
}): Promise<{ template: ChatTemplate; known: string | null }> {
  if (flags.chatTemplate !== undefined) {
    const template = await readChatTemplate({ file: flags.chatTemplate });
    return { template, known: originalName(findModel(flags.model ?? DEFAULT_MODEL)) };
  }
  const { model, known } = await adapterModel({ flags, context });
  const { chatTemplate, bosText, eosText } = await readGgufInfo({ path: model.path });
  return { template: { template: chatTemplate, bosText, eosText }, known: originalName(known) };
}

function noBaseModel(): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: "Nothing says which model is to be trained.",
    why: "A GGUF file does not tell by what name transformers loads the model.",
    todo: "Give --base-model, for example --base-model meta-llama/Llama-3.1-8B-Instruct.",
  });
}
