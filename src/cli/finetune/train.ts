/** `countersteer finetune train`: a LoRA adapter, trained in this process. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Command, Option } from "commander";
import { CountersteerError, isCode } from "../../errors.ts";
import { readDataset } from "../../finetune/train/read-dataset.ts";
import { STEER_MODES } from "../../finetune/train/recipe.ts";
import { acquireRunLock } from "../../store/run-lock.ts";
import type { CliContext } from "../context.ts";
import { wholeNumbers } from "../numbers.ts";
import { oneOfNames } from "../one-of-names.ts";
import { addSeedOption, cacheDirOption } from "../options.ts";
import { layersOf, matricesOf, numberOption, strengthRange, wholeOption } from "./train/parse-options.ts";
import { type RecipeFlags, recipeFile, recipeOf } from "./train/recipe-of.ts";
import { runTraining } from "./train/run-training.ts";
import { summaryText } from "./train/train-text.ts";

interface TrainFlags extends RecipeFlags {
  out: string;
  threads?: number;
  cacheDir?: string;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("train")
    .description(
      "Train a LoRA adapter on self-corrections and normal answers, without Python. A training that was cut off goes on where it was when\n" +
        "the command is given again, and ends with the same adapter. Every flag is a field of the recipe that is kept in the folder.",
    )
    .requiredOption("--out <folder>", "where the adapter, its recipe and its checkpoints are kept")
    .option("--data <file>", "examples, .jsonl as `finetune data` writes them")
    .option("--model <name or file>", "a known model, or a GGUF file (default: smollm2-135m)")
    .option("--recipe <file>", "recipe in YAML; flags go over it");
  addLoraOptions(command);
  addTrainOptions(command);
  addSteerOptions(command);
  addSeedOption(command)
    .addOption(wholeOption({ flags: "--threads <n>", text: "threads of the training (default: the cores)" }))
    .addOption(cacheDirOption())
    .action((flags: TrainFlags) => train({ flags, context }));
}

function addLoraOptions(command: Command): void {
  command
    .addOption(wholeOption({ flags: "--rank <n>", text: "rank of each update (default: 16)" }))
    .addOption(
      numberOption({ flags: "--alpha <x>", text: "updates are scaled by alpha / rank (default: 32)" }),
    )
    .addOption(
      numberOption({ flags: "--dropout <share>", text: "of an adapter's inputs (default: 0.05)", max: 1 }),
    )
    .addOption(
      new Option(
        "--matrices <names>",
        "adapted matrices by their GGUF names, or all (default: all)",
      ).argParser(matricesOf),
    )
    .addOption(
      new Option("--layers <list>", "adapted blocks, for example 8-23,29, or all (default: all)").argParser(
        layersOf,
      ),
    );
}

function addTrainOptions(command: Command): void {
  command
    .addOption(numberOption({ flags: "--epochs <n>", text: "passes over the examples (default: 3)" }))
    .addOption(wholeOption({ flags: "--steps <n>", text: "end after so many steps (default: by --epochs)" }))
    .addOption(wholeOption({ flags: "--batch <n>", text: "examples of a step (default: 8)", max: 1024 }))
    .addOption(numberOption({ flags: "--learning-rate <rate>", text: "the peak (default: 4e-4)" }))
    .addOption(
      wholeOption({ flags: "--warmup <steps>", text: "steps over which it rises (default: 10)", min: 0 }),
    )
    .addOption(
      numberOption({
        flags: "--ratio <percent>",
        text: "of self-corrections among the examples (default: all)",
        max: 100,
      }),
    )
    .addOption(wholeOption({ flags: "--max-rows <n>", text: "tokens of one pass (default: 2048)" }))
    .option("--skip-long", "leave out examples that are too long instead of refusing them")
    .addOption(
      wholeOption({ flags: "--validate-every <steps>", text: "measure validation examples (default: 20)" }),
    )
    .addOption(
      wholeOption({
        flags: "--patience <n>",
        text: "end after so many measurements without a new best, 0: never (default: 3)",
        min: 0,
      }),
    )
    .addOption(
      new Option("--keep <which>", "weights that become the adapter: best or last (default: best)").argParser(
        oneOfNames({ flag: "--keep", names: ["best", "last"] }),
      ),
    );
}

function addSteerOptions(command: Command): void {
  command
    .addOption(
      new Option(
        "--steer <mode>",
        "data: masked data, unsteered; steer: normal answers under steering; both (default: data)",
      ).argParser(oneOfNames({ flag: "--steer", names: STEER_MODES })),
    )
    .option("--sae <name or folder>", "SAE whose directions steer (default: the model's own)")
    .addOption(
      wholeOption({
        flags: "--layer <n>",
        text: "block after which is steered (default: the SAE's)",
        min: 0,
      }),
    )
    .addOption(
      new Option("--steer-latents <list>", "latents that steer (default: those of the data)").argParser(
        wholeNumbers({ flag: "--steer-latents", min: 0 }),
      ),
    )
    .addOption(
      new Option(
        "--steer-strength <low..high>",
        "strengths, drawn between these (default: those of the data)",
      ).argParser(strengthRange),
    );
}

async function train({ flags, context }: { flags: TrainFlags; context: CliContext }): Promise<void> {
  const { terminal } = context;
  const dir = flags.out;
  const chosen = await recipeOf({ dir, flags });
  const dataset = await readDataset({ file: chosen.recipe.data });
  if (chosen.before === null) refuseOthers(dir);
  await mkdir(dir, { recursive: true });
  const lock = acquireRunLock({ dir });
  try {
    const summary = await runTraining({ dir, chosen, dataset, flags, context });
    terminal.result({ data: summary, text: () => summaryText(summary) });
  } catch (error) {
    if (isCode(error, "ABORTED")) {
      terminal.note(
        existsSync(recipeFile(dir))
          ? `Stopped. What is done is kept; go on with: countersteer finetune train --out ${dir}`
          : "Stopped before the training began; nothing was stored.",
      );
    }
    throw error;
  } finally {
    lock.release();
  }
}

/** A folder with an adapter of another origin is never written to. */
function refuseOthers(dir: string): void {
  const found = ["adapter_config.json", "adapter_model.safetensors", "adapter.gguf", "training.json"].find(
    (name) => existsSync(path.join(dir, name)),
  );
  if (found === undefined) return;
  throw new CountersteerError("RUN_EXISTS", {
    what: `${dir} already holds an adapter.`,
    why: `It has ${found}, which is never overwritten.`,
    todo: "Give another folder.",
    facts: { dir, found },
  });
}
