/**
 * One arm of a run as a log of Inspect (the UK AI Security Institute's evaluation framework) in its JSON form, version 2: its viewer and its data frames
 * read it. A trial is a sample whose id is the unit, so that logs of several arms pair. docs/store.md says what stands where; `scripts/check-exports.ts` opens such
 * a log with Inspect itself.
 */
import path from "node:path";
import { CountersteerError } from "../errors.ts";
import { endScores } from "../stats/rates.ts";
import { canonicalHash } from "./canonical-json.ts";
import type { FactColumns } from "./fact-columns.ts";
import type { Manifest } from "./manifest.ts";
import type { TrialRecord } from "./records.ts";
import { runMargin } from "./run-margin.ts";
import type { JudgedFilter, JudgedTrial, RunStore } from "./run-store.ts";

const VERSION = 2;
/** Name of the scorer in each sample. */
const SCORER = "countersteer";

export interface ExportInspectOptions extends JudgedFilter {
  store: RunStore;
}

/** Throws REQUEST_INVALID where the run has several arms and none is named. */
export function* exportInspect({ store, arm, ...filter }: ExportInspectOptions): Generator<string> {
  const manifest = store.manifest();
  const judge = filter.judge ?? manifest.judge.id;
  const facts = store.facts({ judge });
  const chosen = arm ?? onlyArm(store.dir, facts);
  const margin = runMargin(manifest);
  const isFinished = store.events({ kind: "finished" }).length > 0;
  const head = {
    version: VERSION,
    status: isFinished ? "success" : "started",
    eval: evalOf({
      manifest,
      arm: chosen,
      judge,
      samples: facts.arm.filter((name) => name === chosen).length,
    }),
    plan: { name: "plan", steps: [], config: {} },
    results: resultsOf({ facts, arm: chosen, margin, judge }),
    stats: { started_at: manifest.createdAt, completed_at: "", model_usage: {} },
  };
  // the samples are one long list, which need not be in memory
  yield `${JSON.stringify(head).slice(0, -1)},"samples":[\n`;
  let before = "";
  for (const row of store.judged({ arm: chosen, judge, ...filter })) {
    yield `${before}${JSON.stringify(sampleOf({ row, model: modelName(manifest), margin }))}`;
    before = ",\n";
  }
  yield "\n]}\n";
}

function onlyArm(dir: string, { arm }: FactColumns): string {
  const [first, ...others] = new Set(arm);
  if (first !== undefined && others.length === 0) return first;
  throw new CountersteerError("REQUEST_INVALID", {
    what: `An Inspect log is of one arm, and the run in ${dir} has ${first === undefined ? "no trials" : others.length + 1}.`,
    why: "Samples of several arms would share their ids, by which logs are compared.",
    todo: `Name one with --arm: ${[...new Set(arm)].join(", ") || "none is stored yet"}.`,
    facts: { dir, arms: [...new Set(arm)] },
  });
}

function evalOf({
  manifest,
  arm,
  judge,
  samples,
}: {
  manifest: Manifest;
  arm: string;
  judge: string;
  samples: number;
}) {
  const { design, createdAt, packageVersion, prompts, sampling } = manifest;
  const { maxTokens, temperature, topP } = sampling;
  const number = (value: unknown) => (typeof value === "number" ? value : null);
  return {
    eval_id: canonicalHash({ createdAt, design, arm, judge }),
    run_id: canonicalHash({ createdAt, design }),
    created: createdAt,
    task: `countersteer/${design}`,
    task_id: `${design} ${arm}`,
    task_display_name: `${design}: ${arm}`,
    task_args: { arm },
    dataset: { name: `prompts ${prompts.evaluation}`, samples, shuffled: false },
    model: modelName(manifest),
    model_generate_config: {
      max_tokens: number(maxTokens),
      temperature: number(temperature),
      top_p: number(topP),
    },
    model_args: { ...manifest.model },
    config: { epochs: 1 },
    packages: { countersteer: packageVersion },
    scorers: [{ name: SCORER, metadata: { judge } }],
    metadata: { manifest },
  };
}

function modelName({ model }: Manifest): string {
  return `countersteer/${path.basename(model.path)}`;
}

function resultsOf({
  facts,
  arm,
  margin,
  judge,
}: {
  facts: FactColumns;
  arm: string;
  margin: number;
  judge: string;
}) {
  let [total, failed, scored, multi, improved, first] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < facts.length; i++) {
    if (facts.arm[i] !== arm) continue;
    total += 1;
    failed += facts.failed[i] ?? 0;
    if ((facts.scored[i] ?? 0) === 0) continue;
    const change = (facts.last[i] ?? 0) - (facts.first[i] ?? 0);
    const several = (facts.scored[i] ?? 0) >= 2;
    scored += 1;
    first += facts.first[i] ?? 0;
    multi += Number(several);
    improved += Number(several && change > margin);
  }
  const metric = (name: string, sum: number) =>
    scored === 0 ? [] : [[name, { name, value: sum / scored, params: {} }]];
  return {
    total_samples: total,
    completed_samples: total - failed,
    scores: [
      {
        name: SCORER,
        scorer: SCORER,
        scored_samples: scored,
        unscored_samples: total - scored,
        params: { judge, margin },
        metrics: Object.fromEntries([
          ...metric("multi_attempt", multi),
          ...metric("esr", improved),
          ...metric("first_score", first),
        ]),
      },
    ],
  };
}

function sampleOf({
  row: { trial, judgement },
  model,
  margin,
}: {
  row: JudgedTrial;
  model: string;
  margin: number;
}) {
  const { key, unit, prompt, text, error, tokens, promptTokens, createdAt, receipt } = trial;
  const { arm, latent, strength, promptIndex, seed, degraded } = trial;
  const usage = {
    input_tokens: promptTokens,
    output_tokens: tokens.length,
    total_tokens: promptTokens + tokens.length,
  };
  const answer = { role: "assistant", source: "generate", content: text, model };
  return {
    id: unit,
    epoch: 1,
    uuid: key,
    input: prompt,
    target: "",
    messages: [{ role: "user", source: "input", content: prompt }, ...(error === null ? [answer] : [])],
    output: {
      model,
      choices: error === null ? [{ message: answer, stop_reason: stopReason(trial) }] : [],
      usage,
    },
    scores: scoresOf({ judgement, text, margin }),
    metadata: {
      arm,
      latent,
      strength,
      prompt_index: promptIndex,
      seed,
      degraded,
      receipt,
      judge: judgement?.judge ?? null,
      judgement: judgement?.status ?? null,
    },
    model_usage: { [model]: usage },
    completed_at: createdAt,
    error: error === null ? null : { message: JSON.stringify(error), traceback: "", traceback_ansi: "" },
  };
}

/** A judge failure is not a score (DESIGN.md, invariant 7): only the sample's metadata names it. */
function scoresOf({
  judgement,
  text,
  margin,
}: Pick<JudgedTrial, "judgement"> & { text: string; margin: number }) {
  const attempts = judgement?.attempts ?? [];
  const ends = endScores({ status: "judged", scores: attempts.map(({ score }) => score) });
  if (judgement === null || ends === null) return {};
  const several = ends.attempts >= 2;
  return {
    [SCORER]: {
      value: {
        first_score: ends.first,
        last_score: ends.last,
        attempts: ends.attempts,
        multi_attempt: Number(several),
        esr: Number(several && ends.last - ends.first > margin),
      },
      answer: text,
      metadata: { judge: judgement.judge, attempts, detail: judgement.detail },
    },
  };
}

function stopReason({ finish }: Pick<TrialRecord, "finish">): string {
  switch (finish) {
    case "length":
      return "max_tokens";
    case "stop":
    case "stop-string":
      return "stop";
    default:
      return "unknown";
  }
}
