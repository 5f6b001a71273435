/** Training data, an adapter for each mixing ratio, and the two runs of the design `finetune`: the curve over ratios, and the shipped adapter. */
import { existsSync } from "node:fs";
import { type Folders, fileStage, runStage, type Stage } from "./stage.ts";

/** Percentages of self-corrections (METHOD.md 9.1); the settings of the run name the same adapters. */
const RATIOS = [0, 25, 50, 75, 90];

const data = ({ work }: Folders) => `${work}/finetune/data.jsonl`;
const adapter = ({ work }: Folders, ratio: number) => `${work}/finetune/r${ratio}`;

export const finetuneStages: readonly Stage[] = [
  fileStage({
    name: "training data",
    file: data,
    command: () => ["finetune", "data", "--examples", "200", "--normal", "280"],
  }),
  ...RATIOS.map(
    (ratio): Stage => ({
      name: `adapter of ${ratio} % self-corrections`,
      done: (folders) => existsSync(`${adapter(folders, ratio)}/adapter.gguf`),
      commands: (folders) => [
        ["finetune", "train", "--recipe", `${folders.out}/config/ratio-recipe.yaml`].concat(
          ["--data", data(folders)],
          ["--ratio", String(ratio)],
          ["--out", adapter(folders, ratio)],
        ),
      ],
    }),
  ),
  runStage({ name: "finetune", config: ({ out }) => `${out}/config/finetune.yaml` }),
  runStage({
    name: "self-correct",
    config: ({ out }) => `${out}/config/self-correct.yaml`,
    reuse: "finetune",
  }),
];
