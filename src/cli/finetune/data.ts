/** `countersteer finetune data`: examples of self-correction and normal answers. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { refusePrompts } from "../../finetune/data/dataset-facts.ts";
import { type DatasetMeta, metaFile } from "../../finetune/data/meta.ts";
import { chooseForPreview } from "../../finetune/data/preview.ts";
import { readDataset } from "../../finetune/train/read-dataset.ts";
import { loadPrompts } from "../../latents/prompt-set.ts";
import { LLM_PROVIDERS } from "../../llm/llm-client.ts";
import { assetPath } from "../../sae/asset-path.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber, wholeNumbers } from "../numbers.ts";
import { oneOfNames } from "../one-of-names.ts";
import { addMachineOptions, addModelOptions, addSaeOptions, type EngineFlags } from "../options.ts";
import { dataText } from "./data/data-text.ts";
import { loadEvaluationPrompts } from "./data/evaluation-prompts.ts";
import { register as registerImport } from "./data/import.ts";
import { previewsOf, register as registerShow } from "./data/show.ts";
import { fromLlm, fromOwnModel } from "./data/sources.ts";

const SOURCES = ["own", "llm"] as const;

export interface DataFlags extends EngineFlags {
  out?: string;
  source: (typeof SOURCES)[number];
  examples: number;
  normal: number;
  prompts?: string;
  evaluationPrompts?: string[];
  borrowed: number;
  long: number;
  latents?: number[];
  trainingLatents: number;
  doses?: number[];
  validation: number;
  seed: number;
  preview: number;
  subjects?: string;
  writer: string;
  writerProvider?: (typeof LLM_PROVIDERS)[number];
  writerBaseUrl?: string;
  maxCost: number;
}

/** What both sources need. */
export interface DataSettings {
  file: string;
  prompts: string[];
  evaluationPrompts: string[];
  selfCorrections: number;
  normal: number;
  validation: number;
  seed: number;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("data")
    .description(
      "Make examples of self-correction and normal answers, from the model's own generations or by a language model. What was made is kept,\n" +
        "so a run that was cut off goes on where it was, and a larger one begins with the smaller.",
    )
    .option("--out <file>", "JSONL file to write")
    .addOption(
      new Option("--source <name>", "own: the model itself, offline; llm: a language model writes")
        .argParser(oneOfNames({ flag: "--source", names: SOURCES }))
        .default("own"),
    )
    .option("--prompts <file>", "training prompts, one a line (default: the shipped set)")
    .option(
      "--evaluation-prompts <file...>",
      "prompts that must not be trained on (default: the shipped sets)",
    );
  whole({ command, flag: "--examples", text: "self-corrections", value: 400 });
  whole({ command, flag: "--normal", text: "normal answers", value: 400 });
  whole({ command, flag: "--seed", text: "of everything random", value: 0 });
  whole({ command, flag: "--preview", text: "print so many examples", value: 0 });
  command.addOption(
    new Option("--validation <share>", "of the prompts, for validation")
      .argParser(realNumber({ flag: "--validation", min: 0, max: 0.5 }))
      .default(0.08),
  );
  addOwnOptions(command);
  addLlmOptions(command);
  addMachineOptions(addSaeOptions(addModelOptions(command)));
  command.action((flags: DataFlags) => data({ flags, context }));
  registerShow(command, context);
  registerImport(command, context);
}

function addOwnOptions(command: Command): void {
  command
    .addOption(
      new Option("--long <share>", "of the normal answers, as long as a trial's; the rest are short")
        .argParser(realNumber({ flag: "--long", min: 0, max: 1 }))
        .default(0),
    )
    .addOption(
      new Option(
        "--borrowed <share>",
        "of the off-topic starts, from answers to other prompts; the rest are steered",
      )
        .argParser(realNumber({ flag: "--borrowed", min: 0, max: 1 }))
        .default(0.5),
    )
    .addOption(
      new Option("--latents <list>", "latents that steer the starts (default: a seeded choice)").argParser(
        wholeNumbers({ flag: "--latents", min: 0 }),
      ),
    )
    .addOption(
      new Option(
        "--doses <list>",
        "|s| ||d|| / mean ||h|| of the starts (default: 0.35,0.4,0.45,0.5,0.55)",
      ).argParser((text) =>
        text.split(",").map((part) => realNumber({ flag: "--doses", min: 0.01, max: 5 })(part.trim())),
      ),
    );
  whole({ command, flag: "--training-latents", text: "how many latents are chosen", value: 200 });
}

function addLlmOptions(command: Command): void {
  command
    .option(
      "--subjects <file>",
      "off-topic subjects of the llm source, one a line (default: the shipped list)",
    )
    .option("--writer <name>", "language model that writes: a known name, or the provider's id", "sonnet-4.5")
    .addOption(
      new Option("--writer-provider <name>", `whose model it is: ${LLM_PROVIDERS.join(", ")}`).argParser(
        oneOfNames({ flag: "--writer-provider", names: LLM_PROVIDERS }),
      ),
    )
    .option("--writer-base-url <url>", "address of the server, in place of the provider's own")
    .addOption(
      new Option("--max-cost <dollars>", "bound of what the writer may cost")
        .argParser(realNumber({ flag: "--max-cost", min: 0 }))
        .default(10),
    );
}

function whole({
  command,
  flag,
  text,
  value,
}: {
  command: Command;
  flag: string;
  text: string;
  value: number;
}): void {
  command.addOption(new Option(`${flag} <n>`, text).argParser(wholeNumber({ flag, min: 0 })).default(value));
}

async function data({ flags, context }: { flags: DataFlags; context: CliContext }): Promise<void> {
  const { terminal } = context;
  const settings = await settingsOf(flags);
  const { file } = settings;
  const make = flags.source === "own" ? fromOwnModel : fromLlm;
  const meta: DatasetMeta = await make({ flags, settings, context });
  const { records } = flags.preview > 0 ? await readDataset({ file }) : { records: [] };
  const chosen = chooseForPreview({ records, count: flags.preview });
  terminal.result({
    data: { file, meta: metaFile(file), ...meta, ...(flags.preview > 0 ? { examples: chosen } : {}) },
    text: () => [...previewsOf({ records: chosen, terminal }), dataText({ file, meta })].join("\n\n"),
  });
}

/** Throws CONFIG_INVALID without --out, FINETUNE_CONTAMINATED, and what `loadPrompts` throws. */
async function settingsOf(flags: DataFlags): Promise<DataSettings> {
  if (flags.out === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "No --out was given.",
      why: "The examples must be written somewhere.",
      todo: "Give --out, a file that ends in .jsonl.",
    });
  }
  const prompts = await loadPrompts({ path: flags.prompts ?? assetPath("prompts/training.txt") });
  const evaluationPrompts = await loadEvaluationPrompts(flags.evaluationPrompts);
  refusePrompts({ prompts, evaluationPrompts });
  return {
    file: flags.out,
    prompts,
    evaluationPrompts,
    selfCorrections: flags.examples,
    normal: flags.normal,
    validation: flags.validation,
    seed: flags.seed,
  };
}
