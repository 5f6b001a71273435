/** `countersteer sae train`: a dictionary of one's own. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Command, Option } from "commander";
import { readSummary } from "../../activations/train/summary.ts";
import { CountersteerError, isCode } from "../../errors.ts";
import { acquireRunLock } from "../../store/run-lock.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { addMachineOptions, addModelOptions, addSeedOption, type MachineFlags } from "../options.ts";
import {
  newRecipe,
  type RecipeFlags,
  recipeFile,
  type StoredRecipe,
  storedRecipe,
} from "./train/recipe-of.ts";
import { runTraining } from "./train/run-training.ts";
import { summaryText } from "./train/train-text.ts";

interface TrainFlags extends RecipeFlags, MachineFlags {
  out: string;
  resume?: boolean;
}

export function register(parent: Command, context: CliContext): void {
  const whole = (flags: string, text: string, min = 1) => {
    const flag = flags.split(" ")[0] ?? flags;
    return new Option(flags, text).argParser(wholeNumber({ flag, min }));
  };
  const command = parent
    .command("train")
    .description(
      "Train a TopK or BatchTopK dictionary on the residual stream of a model, while it reads documents: your own, or answers that it\n" +
        "writes about 3,000 topics. The folder can be given as --sae. Every flag is a field of the recipe that is kept in the folder.",
    )
    .requiredOption("--out <folder>", "where the dictionary, its recipe and its checkpoints are kept")
    .option("--resume", "go on with the folder's training, exactly as if it had not been stopped")
    .option("--config <file>", "recipe in YAML; flags go over it")
    .option(
      "--docs <files...>",
      "documents: .jsonl (chats or texts) or .txt (default: the model's own answers)",
    )
    .option("--activations <file>", "train on the rows of a safetensors file, without a model")
    .option("--cache-activations <file>", "capture the documents to this file first, and train on it")
    .addOption(whole("--layer <n>", "block whose output is learned (default: the model's own)", 0))
    .addOption(whole("--latents <n>", "size of the dictionary, a multiple of 16 (default: 8192)"))
    .addOption(whole("--k <n>", "latents that are active at a token (default: 32)"))
    .addOption(new Option("--variant <name>", "(default: topk)").choices(["topk", "batchtopk"]))
    .addOption(
      whole("--tokens <n>", "rows to train on, over as many epochs as that takes (default: 1500000)"),
    )
    .addOption(
      new Option("--lr <rate>", "learning rate (default: by the number of latents)").argParser(
        realNumber({ flag: "--lr", min: 0 }),
      ),
    )
    .addOption(whole("--batch <n>", "rows of a step (default: 4096)"));
  addMachineOptions(addSeedOption(addModelOptions(command)));
  describe({ command, flag: "--context", text: "longest sequence that is read (default: 256)" });
  describe({ command, flag: "--weights", text: "exact, as-is or fast (default: fast)" });
  command.action((flags: TrainFlags) => train({ flags, context }));
}

function describe({ command, flag, text }: { command: Command; flag: string; text: string }): void {
  const option = command.options.find(({ long }) => long === flag);
  if (option !== undefined) option.description = text;
}

async function train({ flags, context }: { flags: TrainFlags; context: CliContext }): Promise<void> {
  const { terminal } = context;
  const dir = flags.out;
  const stored: StoredRecipe = flags.resume
    ? await storedRecipe({ dir, flags })
    : { recipe: await newRecipe({ flags }), provenance: null };
  await mkdir(dir, { recursive: true });
  const lock = acquireRunLock({ dir });
  try {
    if (!flags.resume) refuseExisting(dir);
    const summary = (await readSummary({ dir })) ?? (await runTraining({ dir, stored, flags, context }));
    terminal.result({ data: summary, text: () => summaryText(summary) });
  } catch (error) {
    if (isCode(error, "ABORTED")) {
      terminal.note(
        existsSync(recipeFile(dir))
          ? `Stopped. What is done is kept; go on with: countersteer sae train --out ${dir} --resume`
          : "Stopped before the training began; nothing was stored.",
      );
    }
    throw error;
  } finally {
    lock.release();
  }
}

function refuseExisting(dir: string): void {
  const found = ["recipe.yaml", "cfg.json"].find((name) => existsSync(path.join(dir, name)));
  if (found === undefined) return;
  throw new CountersteerError("RUN_EXISTS", {
    what: `${dir} already holds a training or a dictionary.`,
    why: `It has ${found}, which is never overwritten.`,
    todo: "Go on with it by --resume, or give another folder.",
    facts: { dir, found },
  });
}
