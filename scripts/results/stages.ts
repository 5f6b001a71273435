/** What is run for docs/results, in order. */
import { chooseJudges } from "../../src/store/judge-choice.ts";
import { openRun } from "../../src/store/open-store.ts";
import { type Folders, fileStage, runStage, type Stage } from "./stage.ts";

const CONFIG = ({ out }: Folders, name: string) => `${out}/config/${name}.yaml`;
/** Both kinds of file are committed: a run names them, and a reader wants to see them. */
const detectors = ({ out }: Folders) => `${out}/detectors.json`;
const controls = ({ out }: Folders) => `${out}/controls.json`;
const steeredTexts = ({ work }: Folders) => `${work}/steered.jsonl`;

/** Runs whose reports are published, by the name of their settings, with the designs that are taken from them. */
export const RUNS: readonly { name: string; designs: readonly string[] }[] = [
  { name: "arms", designs: ["esr", "baseline", "dose", "meta-prompt", "prefill", "vector"] },
  { name: "ablation", designs: ["ablation"] },
  { name: "activations", designs: ["timeline", "activations"] },
  { name: "self-correct", designs: ["finetune"] },
];

/** Names of all results, in the order of the page. */
export const RESULTS: readonly string[] = RUNS.flatMap(({ designs }) => designs);

export const STAGES: readonly Stage[] = [
  fileStage({
    name: "detectors",
    file: detectors,
    command: () => ["latents", "detectors", "--weights", "fast"],
  }),
  runStage({ name: "arms", config: (folders) => CONFIG(folders, "arms") }),
  fileStage({
    name: "steered texts",
    file: steeredTexts,
    command: ({ work }) => ["export", `${work}/arms`, "--arm", "steered", "--format", "chats"],
  }),
  fileStage({
    name: "controls",
    file: controls,
    command: (folders) => [
      "latents",
      "controls",
      ...["--detectors", detectors(folders)],
      ...["--docs", steeredTexts(folders)],
      ...["--steered", steeredLatents(folders).join(",")],
      ...["--weights", "fast", "--sets", "3"],
    ],
  }),
  runStage({ name: "ablation", config: (folders) => CONFIG(folders, "ablation"), reuse: "arms" }),
  fileStage({
    name: "backtracking latents",
    file: ({ out }) => `${out}/backtracking.json`,
    command: () => ["latents", "backtracking", "--weights", "fast"],
  }),
  runStage({ name: "activations", config: (folders) => CONFIG(folders, "activations"), reuse: "arms" }),
  {
    name: "judges",
    done: ({ work }) => judgesOf(`${work}/arms`).length > 1,
    commands: ({ work }) =>
      ["steered", "unsteered"].map((arm) => [
        ...["judge", "rejudge", `${work}/arms`, "--arm", arm, "--sample", "24"],
        ...["--judge", "local-llm", "--judge-model", "smollm2-135m"],
      ]),
  },
  runStage({ name: "self-correct", config: (folders) => CONFIG(folders, "self-correct") }),
];

function steeredLatents({ work }: Folders): number[] {
  using store = openRun({ dir: `${work}/arms`, mode: "read" });
  return store.latents().map(({ latent }) => latent);
}

/** Judges of the run's responses. */
export function judgesOf(dir: string): string[] {
  using store = openRun({ dir, mode: "read" });
  return chooseJudges({ store, names: null }).map(({ judge }) => judge);
}
