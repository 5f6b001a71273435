/** One session of a fine-tuning: opens what the recipe names, goes on where the folder's checkpoint is, writes the adapter at the end. */
import os from "node:os";
import path from "node:path";
import type { ModelInfo } from "../../../engine/engine.ts";
import { type BaseModel, readBaseModel } from "../../../finetune/adapter/base-model.ts";
import { writeGgufLora } from "../../../finetune/adapter/write-gguf.ts";
import { writePeft } from "../../../finetune/adapter/write-peft.ts";
import { openLoraTrainer } from "../../../finetune/lora/open-lora-trainer.ts";
import { type ChosenExamples, chooseExamples } from "../../../finetune/train/choose-examples.ts";
import { loraShape } from "../../../finetune/train/lora-shape.ts";
import { checkSameOrigin, fingerprintOf, type Provenance } from "../../../finetune/train/provenance.ts";
import type { Dataset } from "../../../finetune/train/read-dataset.ts";
import type { Steer } from "../../../finetune/train/steer-examples.ts";
import { type FinetuneSummary, readSummary, writeSummary } from "../../../finetune/train/summary.ts";
import { tokeniseRecords } from "../../../finetune/train/tokenise-records.ts";
import { type TrainedAdapter, trainAdapter } from "../../../finetune/train/train-adapter.ts";
import type { TrainingExample } from "../../../finetune/train/training-example.ts";
import type { LoraShape } from "../../../finetune/types.ts";
import { throwIfAborted } from "../../../model/aborted.ts";
import { originalName } from "../../../model/original-name.ts";
import type { KnownModel } from "../../../model/registry.ts";
import { resolveModel } from "../../../model/resolve-model.ts";
import type { CliContext } from "../../context.ts";
import { hubAccess } from "../../hub-access.ts";
import { machineOf } from "../../machine.ts";
import { openEngine } from "../../open-engine.ts";
import { packageVersion } from "../../package-version.ts";
import { openSteer } from "./open-steer.ts";
import { type ChosenRecipe, writeRecipe } from "./recipe-of.ts";
import { mixLine, trainLine } from "./train-text.ts";

export interface RunTrainingOptions {
  /** Exists; nobody else writes to it. */
  dir: string;
  chosen: ChosenRecipe;
  dataset: Dataset;
  flags: { threads?: number; cacheDir?: string };
  context: CliContext;
}

/** Throws ABORTED after Ctrl-C, when a checkpoint was written; RUNS_UNEQUAL, FINETUNE_DIVERGED, and what the parts throw. */
export async function runTraining(options: RunTrainingOptions): Promise<FinetuneSummary> {
  const { dir, chosen, dataset, flags } = options;
  const { recipe, before } = chosen;
  const data = { file: recipe.data, sha256: dataset.sha256, examples: dataset.records.length };
  if (before !== null) {
    checkSameOrigin({ before, now: { ...before, data } });
    const done = await readSummary({ dir });
    if (done !== null) return done;
  }
  const read = await readExamples(options);
  const { info } = read;
  const examples = chooseExamples({ examples: read.examples, recipe, contextLength: info.contextLength });
  const opened = await openSteer({ ...options, recipe, train: examples.train, info, known: read.known });
  try {
    const { name, architecture, fileHash } = info;
    const provenance: Provenance = {
      package: packageVersion(),
      llamaCpp: read.llamaCpp,
      threads: flags.threads ?? before?.threads ?? os.availableParallelism(),
      model: { file: info.path, name, architecture, sha256: fileHash },
      data,
      sae: opened?.provenance ?? null,
    };
    if (before !== null) checkSameOrigin({ before, now: provenance });
    return await train({
      ...options,
      provenance,
      info,
      base: read.base,
      examples,
      steer: opened?.steer ?? null,
      known: read.known,
    });
  } finally {
    opened?.dictionary.close();
  }
}

interface ReadExamples {
  examples: TrainingExample[];
  info: ModelInfo;
  base: BaseModel;
  llamaCpp: string;
  known: KnownModel | null;
}

/** Tokens of every record. The engine is closed before the training opens the model in its own way. */
async function readExamples({ chosen, dataset, flags, context }: RunTrainingOptions): Promise<ReadExamples> {
  const base = await readBase({ model: chosen.recipe.model, flags, context });
  const { engine, known, close } = await openEngine({
    flags: { ...flags, model: chosen.recipe.model },
    context,
    defaults: { workers: 1, slots: 1, contextPerSlot: 64 },
  });
  try {
    context.terminal.status("reading the examples");
    const examples = await tokeniseRecords({ engine, records: dataset.records });
    return { examples, info: engine.info, base, llamaCpp: String(engine.build.llamaCpp), known };
  } finally {
    await close();
  }
}

/** An architecture that can't be adapted is refused before the model is opened, which may itself fail for it with less to say. */
async function readBase({
  model,
  flags,
  context,
}: Pick<RunTrainingOptions, "flags" | "context"> & { model: string }): Promise<BaseModel> {
  const { cacheDir, onPull } = await machineOf({ flags, context });
  const { signal, env } = context;
  const { path: file } = await resolveModel({
    model,
    cacheDir,
    onProgress: onPull,
    signal,
    ...hubAccess(env),
  });
  return readBaseModel({ path: file });
}

interface TrainOptions extends RunTrainingOptions {
  provenance: Provenance;
  info: ModelInfo;
  base: BaseModel;
  known: KnownModel | null;
  examples: ChosenExamples;
  steer: Steer | null;
}

async function train(options: TrainOptions): Promise<FinetuneSummary> {
  const { dir, chosen, context, provenance, info, examples, steer } = options;
  const { terminal, signal } = context;
  const { recipe } = chosen;
  if (examples.mix !== null) terminal.note(mixLine(examples.mix));
  const shape = loraShape({ lora: recipe.lora, layers: info.layers });
  terminal.status("opening the model for training");
  const trainer = await openLoraTrainer({
    model: info.path,
    shape,
    seed: recipe.train.seed,
    maxRows: recipe.train.maxRows,
    threads: provenance.threads,
  });
  try {
    // only now: a recipe that can't be trained must not bind the folder
    if (chosen.before === null) await writeRecipe({ dir, recipe, provenance });
    const trained = await trainAdapter({
      recipe,
      train: examples.train,
      validation: examples.validation,
      steer,
      trainer,
      dir,
      fingerprint: fingerprintOf({ recipe, provenance }),
      signal,
      onProgress: (progress) => terminal.status(() => trainLine(progress)),
    });
    if (trained.finished === "aborted") throwIfAborted({ signal, what: "The training" });
    return await finish({ ...options, trained, shape, parameters: trainer.parameters });
  } finally {
    await trainer.close();
  }
}

/** Writes the adapter in both formats, and last of all the summary. */
async function finish({
  dir,
  chosen: { recipe },
  info,
  base,
  known,
  examples,
  steer,
  trained,
  shape,
  parameters,
}: TrainOptions & {
  trained: TrainedAdapter;
  shape: LoraShape;
  parameters: number;
}): Promise<FinetuneSummary> {
  const { factors, position } = trained;
  const { architecture } = base;
  const gguf = path.join(dir, "adapter.gguf");
  await writePeft({ dir, factors, shape, baseModel: baseModelName({ info, known }), model: base });
  await writeGgufLora({ path: gguf, factors, shape, architecture });
  const of = (kind: TrainingExample["kind"]) => examples.train.filter((each) => each.kind === kind).length;
  const summary: FinetuneSummary = {
    adapter: dir,
    gguf,
    parameters,
    examples: {
      selfCorrections: of("self-correction"),
      normal: of("normal"),
      validation: examples.validation.length,
      skipped: examples.skipped,
    },
    mix: examples.mix,
    steer: {
      mode: recipe.steer.mode,
      latents: [...(steer?.plan.latents ?? [])],
      strength: steer === null ? null : [...steer.plan.strength],
      layer: steer?.layer ?? null,
    },
    steps: position.step,
    totalSteps: trained.totalSteps,
    finished: trained.finished === "early" ? "early" : "end",
    keptStep: trained.step,
    tokens: position.rows,
    targets: position.targets,
    losses: position.losses,
    validations: position.validations,
    seconds: trained.seconds,
    tokensPerSecond: trained.tokensPerSecond,
  };
  await writeSummary({ dir, summary });
  return summary;
}

/** The model by the name that others know it by: a GGUF file's own name is often a leftover of its making. */
function baseModelName({ info, known }: Pick<TrainOptions, "info" | "known">): string {
  return originalName(known) ?? info.name;
}
