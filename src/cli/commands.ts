/** The table of commands. */
import type { CommandEntry } from "./register-commands.ts";

export const COMMANDS: CommandEntry[] = [
  {
    name: "demo",
    summary: "measure steering resistance of the default model in a few minutes",
    load: () => import("./demo.ts"),
  },
  {
    name: "run",
    summary: "run an experiment by preset or YAML file",
    load: () => import("./run.ts"),
  },
  {
    name: "resume",
    summary: "go on with a run that was cut off",
    load: () => import("./resume.ts"),
  },
  {
    name: "report",
    summary: "print the rates of stored runs",
    load: () => import("./report.ts"),
  },
  {
    name: "view",
    summary: "look at runs in a browser, and try steering out",
    load: () => import("./view.ts"),
  },
  {
    name: "timeline",
    summary: "show activations around restarts, or token by token in one trial",
    load: () => import("./timeline.ts"),
  },
  {
    name: "import",
    summary: "make a run of exported trials or of the reference's result files",
    load: () => import("./import.ts"),
  },
  {
    name: "export",
    summary: "write a run's trials as Parquet, JSONL, CSV or the reference's JSON",
    load: () => import("./export.ts"),
  },
  {
    name: "merge",
    summary: "put the shards of a run together",
    load: () => import("./merge.ts"),
  },
  {
    name: "export-hf",
    summary: "write a GGUF model in Hugging Face's format, for vLLM",
    load: () => import("./export-hf.ts"),
  },
  {
    name: "designs",
    summary: "list the experiments that a configuration can name",
    load: () => import("./designs.ts"),
  },
  {
    name: "plan",
    summary: "say how many latents and trials it takes to tell two rates apart",
    load: () => import("./plan.ts"),
  },
  {
    name: "judge",
    summary: "check judges, judge stored runs again, and compare judges",
    load: () => import("./judge.ts"),
  },
  {
    name: "pull",
    summary: "bring a model's weights into the cache",
    load: () => import("./pull.ts"),
  },
  {
    name: "sae",
    summary: "look at, convert, train and evaluate dictionaries",
    load: () => import("./sae.ts"),
  },
  {
    name: "latents",
    summary: "find latents of an SAE by what they stand for",
    load: () => import("./latents.ts"),
  },
  {
    name: "finetune",
    summary: "train a model to catch itself: data, adapters and their files",
    load: () => import("./finetune.ts"),
  },
  {
    name: "steer",
    summary: "answer a prompt unsteered and steered, side by side",
    load: () => import("./steer.ts"),
  },
  {
    name: "capture",
    summary: "write a text's residual rows or latent values to a file",
    load: () => import("./capture.ts"),
  },
  {
    name: "serve",
    summary: "serve a model to other programs, as OpenAI's interface",
    load: () => import("./serve.ts"),
  },
  {
    name: "vllm",
    summary: "start commands and checks of vLLM servers",
    load: () => import("./vllm.ts"),
  },
  {
    name: "doctor",
    summary: "check this machine, and find its fastest settings",
    load: () => import("./doctor.ts"),
  },
];
