/** Answers of the playground become a run of their own, so that the pages, `report` and `export` read them. */
import { lstatSync, rmSync } from "node:fs";
import path from "node:path";
import { CountersteerError } from "../../../errors.ts";
import { CALIBRATION_EVENT } from "../../../experiment/run.ts";
import { isDegraded } from "../../../stats/degraded.ts";
import { ANALYSIS_EVENT, type DeclaredAnalysis } from "../../../store/analysis.ts";
import { canonicalJson } from "../../../store/canonical-json.ts";
import { type Manifest, promptSetHash } from "../../../store/manifest.ts";
import { createRun } from "../../../store/open-store.ts";
import type { TrialRecord } from "../../../store/records.ts";
import type { RunStore } from "../../../store/run-store.ts";
import { SIDES, type Side } from "../api/playground.ts";
import { ArmNames } from "./arm-names.ts";
import type { KeptAnswer } from "./kept-answers.ts";

export interface SaveAnswersOptions {
  answers: readonly KeptAnswer[];
  /** The shown folder. */
  folder: string;
  /** Of the new folder in it; checked by the request's schema. */
  name: string;
  now: () => Date;
}

/** The design that the manifest names. It is none that a run could go on with: there is nothing left to generate. */
const PLAYGROUND_DESIGN = "playground";

/** Returns the run's folder. All or nothing. Throws RUN_EXISTS where something lies there, RUNS_UNEQUAL for answers that were not made alike. */
export function saveAnswers({ answers, folder, name, now }: SaveAnswersOptions): string {
  const dir = path.join(folder, name);
  refuseTaken({ dir, folder });
  const manifest = manifestOf({ answers, now });
  const store = createRun({ dir, manifest, now });
  try {
    store.transaction(() => putAnswers({ store, answers }));
    store.close();
  } catch (error) {
    store.close();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return dir;
}

function putAnswers({ store, answers }: { store: RunStore; answers: readonly KeptAnswer[] }): void {
  const prompts = promptsOf(answers);
  const names = new ArmNames();
  const comparisons = new Map<string, DeclaredAnalysis["comparisons"][number]>();
  for (const answer of answers) {
    const { pair, label, made } = answer;
    if (pair.latent !== null) store.putLatents([{ latent: pair.latent, label }]);
    const [treatment, reference] = SIDES.map((side) => names.of(pair.sides[side].arm));
    if (treatment === undefined || reference === undefined) throw new Error("a pair has two arms");
    comparisons.set(`${reference} ${treatment}`, { reference, treatment, outcome: "multi-attempt" });
    if (made.calibration !== null && store.events({ kind: CALIBRATION_EVENT }).length === 0) {
      store.putEvent({ kind: CALIBRATION_EVENT, detail: made.calibration });
    }
  }
  store.putArms(names.arms());
  const analysis: DeclaredAnalysis = {
    design: PLAYGROUND_DESIGN,
    comparisons: [...comparisons.values()],
    curves: [],
  };
  store.putEvent({ kind: ANALYSIS_EVENT, detail: [analysis] });
  for (const answer of answers) {
    for (const side of SIDES) {
      putSide({ store, answer, side, arm: names.of(answer.pair.sides[side].arm), prompts });
    }
  }
  store.putEvent({ kind: "finished", detail: { trials: store.counts().trials } });
}

interface PutSideOptions {
  store: RunStore;
  answer: KeptAnswer;
  side: Side;
  arm: string;
  prompts: readonly string[];
}

/** Equal settings give the equal trial, which is stored once: two ways of steering share their unsteered answer. */
function putSide({ store, answer, side, arm, prompts }: PutSideOptions): void {
  const { pair, answers, createdAt } = answer;
  const { key, setup } = pair.sides[side];
  if (store.trial(key) !== null) return;
  const { generation, judgement } = answers[side];
  const { text, tokens, offsets, finish, promptTokens, receipt, recorded } = generation;
  const promptIndex = prompts.indexOf(pair.prompt);
  const trial: TrialRecord = {
    key,
    arm,
    unit: `${pair.latent ?? "-"}:${pair.strength}:${promptIndex}:${pair.seed}`,
    latent: pair.latent,
    strength: setup.strength,
    promptIndex,
    prompt: setup.judgedPrompt,
    seed: pair.seed,
    text,
    tokens,
    offsets,
    finish,
    promptTokens,
    receipt,
    degraded: isDegraded(text),
    error: null,
    createdAt,
  };
  store.putTrial(trial);
  if (judgement !== null) store.putJudgement({ ...judgement, trialKey: key, repeat: 0, createdAt });
  if (recorded !== null && pair.recording !== null) {
    const { name, latents: columns } = pair.recording;
    store.putActivations({
      trialKey: key,
      name,
      rows: recorded.length / columns.length,
      columns,
      values: recorded,
    });
  }
}

/** What the answers share. Throws RUNS_UNEQUAL: a run has one model, one way of sampling and one judge. */
function manifestOf({ answers, now }: Pick<SaveAnswersOptions, "answers" | "now">): Manifest {
  const first = answers[0];
  if (first === undefined) throw new Error("no answers are saved");
  for (const answer of answers) {
    const unequal = [
      ...differences(first.pair.sampling, answer.pair.sampling),
      ...differences(identityOf(first.made.manifest), identityOf(answer.made.manifest)),
    ];
    if (unequal.length > 0) throw unequalAnswers(unequal);
  }
  const { manifest } = first.made;
  const sampling = { ...first.pair.sampling };
  return {
    ...manifest,
    design: PLAYGROUND_DESIGN,
    preset: null,
    config: { ...manifest.config, designs: [PLAYGROUND_DESIGN], sampling },
    createdAt: now().toISOString(),
    prompts: { ...manifest.prompts, evaluation: promptSetHash(promptsOf(answers)) },
    sampling,
    target: null,
    seed: null,
  };
}

function identityOf({ model, templateHash, sae, layer, judge }: Manifest): Record<string, unknown> {
  return { model, templateHash, sae, layer, judge };
}

function differences(a: object, b: object): string[] {
  const other = new Map<string, unknown>(Object.entries(b));
  return Object.entries(a).flatMap(([name, value]) =>
    canonicalJson({ value }) === canonicalJson({ value: other.get(name) }) ? [] : [name],
  );
}

function promptsOf(answers: readonly KeptAnswer[]): string[] {
  return [...new Set(answers.map(({ pair }) => pair.prompt))];
}

function refuseTaken({ dir, folder }: { dir: string; folder: string }): void {
  if (lstatSync(path.join(folder, "run.sqlite"), { throwIfNoEntry: false }) !== undefined) {
    throw new CountersteerError("RUN_EXISTS", {
      what: "The shown folder is a run itself.",
      why: "A run within a run would not be found again.",
      todo: "Start `countersteer view` with a folder that holds runs.",
      facts: { folder },
    });
  }
  if (lstatSync(dir, { throwIfNoEntry: false }) === undefined) return;
  throw new CountersteerError("RUN_EXISTS", {
    what: `There is something called "${path.basename(dir)}" in the shown folder already.`,
    why: "A run is never overwritten.",
    todo: "Give another name.",
    facts: { dir },
  });
}

function unequalAnswers(unequal: readonly string[]): CountersteerError {
  return new CountersteerError("RUNS_UNEQUAL", {
    what: `These answers were made with unequal settings: ${[...new Set(unequal)].join(", ")}.`,
    why: "A run has one way of sampling and one model, so that its trials can be compared.",
    todo: "Save answers of equal settings together and the others under another name.",
    facts: { unequal },
  });
}
