/** The README of an exported training: what to install, what to run, and the way back. */
import type { HyperParameters } from "./hyper-parameters.ts";

export const TRAINERS = ["axolotl", "trl"] as const;
export type TrainerName = (typeof TRAINERS)[number];

export interface ReadmeOptions {
  trainer: TrainerName;
  baseModel: string;
  settings: HyperParameters;
  counts: { train: number; validation: number; selfCorrections: number };
  outputDir: string;
  /** What `--model` is given on the way back. */
  model: string;
}

/** Each trainer's installation and command. */
export const COMMANDS: Readonly<Record<TrainerName, { install: string; run: string }>> = {
  axolotl: {
    install: 'pip install --no-build-isolation "axolotl[flash-attn]"',
    run: "axolotl train config.yaml",
  },
  trl: {
    install: 'pip install torch transformers datasets peft "trl>=1.0" bitsandbytes',
    run: "python train.py",
  },
};

const CONFIGS: Readonly<Record<TrainerName, string>> = { axolotl: "config.yaml", trl: "config.json" };

export function readme({ trainer, baseModel, settings: s, counts, outputDir, model }: ReadmeOptions): string {
  const { install, run } = COMMANDS[trainer];
  const { train, validation, selfCorrections } = counts;
  const steps = Math.ceil(train / (s.microBatch * s.accumulation));
  const measured =
    validation === 0
      ? `${s.validationShare * 100} % of them are measured and not trained on`
      : `${validation} more are measured and not trained on`;
  return `# LoRA on ${baseModel} with ${trainer}

${train} examples, ${selfCorrections} of them self-corrections; ${measured}. Rank ${s.rank}, alpha ${s.alpha}, dropout ${s.dropout}, all seven
matrices of each block; ${s.epochs} epochs, learning rate ${s.learningRate}, ${s.microBatch} x ${s.accumulation} examples a step on one GPU: about ${steps} steps an epoch.

## Train

On a machine with a GPU, in this folder:

    ${install}
    ${run}

Settings are in \`${CONFIGS[trainer]}\`. Examples hold the chat template as text, BOS included; the trainer adds no special token. What is not trained
(the question, and the off-topic start of a self-correction) is marked by \`"label": false\`.

## The way back

The adapter is the folder \`${outputDir}/\`. Bring it back, and on this side:

    countersteer steer "How do I boil an egg?" --model ${model} --latent K --adapter ${outputDir}/
    countersteer finetune convert ${outputDir}/ adapter.gguf --model ${model}
    countersteer finetune merge ${outputDir}/ merged.gguf --model ${model}

\`--model\` is the GGUF file of the very model that was trained. A merged file is measured like any model: \`countersteer run esr --model merged.gguf --sae ... --layer ...\`.
An adapter whose configuration asks for DoRA, trained biases or whole modules is refused.
`;
}
