/** Makes the likelihood judge of a session: its calibration is computed once for a model, prompt set and setting, and kept. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { GenerationRequest } from "../engine/engine.ts";
import { messageOf } from "../errors.ts";
import { calibrate } from "../judge/calibrate-likelihood.ts";
import { type Calibration, CalibrationSchema } from "../judge/calibration.ts";
import type { Judge } from "../judge/judge.ts";
import { LIKELIHOOD_VERSION, openLikelihoodJudge } from "../judge/likelihood.ts";
import { SPLITTER_VERSION } from "../judge/restart-splitter.ts";
import { writeWholeFile } from "../model/whole-file.ts";
import { canonicalHash, canonicalJson } from "../store/canonical-json.ts";
import { BREAKING, brokenAnswers } from "./broken-answers.ts";
import type { Session } from "./session.ts";
import { drawPrompts, keyedSeed } from "./units.ts";

export interface CalibrateOptions {
  session: Session;
  cacheDir: string;
  signal?: AbortSignal | undefined;
  onAnswer?: (tokens: number) => void;
  /** Told when a cached calibration can't be read and is computed again, and when it can't be kept. */
  onWarning?: ((text: string) => void) | undefined;
}

/** An unsteered answer to a held-out prompt. */
export interface Answer {
  prompt: string;
  tokens: Int32Array;
  text: string;
  /** UTF-16 offset in `text` at which each token begins, `[tokens]`. */
  offsets: Int32Array;
}

export function judgeOf({
  session,
  calibration,
}: {
  session: Session;
  calibration: Calibration;
}): Promise<Judge> {
  return openLikelihoodJudge({ ...likelihoodParts(session), calibration });
}

export function likelihoodParts({ engine, prompts, config, tokensOf }: Session) {
  return {
    engine,
    renderPrompt: tokensOf,
    contrastPrompts: prompts.heldOut,
    contrastSize: config.judge.contrastSize,
  };
}

/** The calibration for a session, from the cache or computed. */
export async function calibrationFor(options: CalibrateOptions): Promise<Calibration> {
  const { session, signal, onAnswer } = options;
  const { config } = session;
  const stored = cachedCalibration(options);
  if (stored !== null) {
    return stored;
  }
  const answers = await unsteeredAnswers({
    session,
    count: config.judge.calibrationAnswers,
    signal,
    onAnswer,
  });
  const calibration = await calibrate({
    ...likelihoodParts(session),
    answers,
    broken: await brokenAnswers({
      session,
      count: Math.ceil(config.judge.calibrationAnswers / 2),
      signal,
      onAnswer,
    }),
    seed: config.seed,
    ...(signal ? { signal } : {}),
  });
  await keep({ file: calibrationFile(options), calibration, onWarning: options.onWarning });
  return calibration;
}

/** A cache that can't be written costs the time of another calibration, and not this run. */
async function keep({
  file,
  calibration,
  onWarning,
}: Pick<CalibrateOptions, "onWarning"> & { file: string; calibration: Calibration }): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeWholeFile({ path: file, write: (handle) => handle.writeFile(canonicalJson(calibration)) });
  } catch (error) {
    onWarning?.(
      `the judge calibration can't be kept, and the next run computes it again: ${messageOf(error)}`,
    );
  }
}

/** The one that is kept for such a session; null where none is, and nothing is computed. */
export function cachedCalibration(
  options: Pick<CalibrateOptions, "session" | "cacheDir" | "onWarning">,
): Calibration | null {
  return readCalibration(calibrationFile(options), options.onWarning);
}

function calibrationFile({ session, cacheDir }: Pick<CalibrateOptions, "session" | "cacheDir">): string {
  const { engine, config, prompts, sampling } = session;
  const { contrastSize, calibrationAnswers } = config.judge;
  return path.join(
    cacheDir,
    "judge",
    `${canonicalHash({
      versions: [LIKELIHOOD_VERSION, SPLITTER_VERSION],
      model: engine.info.fileHash,
      weights: [engine.info.weightType, engine.info.weightMode],
      template: engine.info.chatTemplate,
      ...(config.quirks.doubledHeader ? { quirk: session.templateHash } : {}),
      heldOut: prompts.heldOut,
      judge: { kind: "likelihood", contrastSize, calibrationAnswers },
      broken: [session.dictionary.hash(), session.layer, session.search.range, BREAKING],
      sampling,
      seed: config.seed,
    })}.json`,
  );
}

/** A cached calibration; one that can't be read is computed again. */
function readCalibration(file: string, onWarning: CalibrateOptions["onWarning"]): Calibration | null {
  if (!existsSync(file)) {
    return null;
  }
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return CalibrationSchema.parse(value);
  } catch (error) {
    onWarning?.(`the judge calibration ${file} is computed again: ${messageOf(error)}`);
    return null;
  }
}

export interface AnswersOptions {
  session: Session;
  count: number;
  signal?: AbortSignal | undefined;
  onAnswer?: ((tokens: number) => void) | undefined;
}

/** Unsteered answers to held-out prompts, as a run's trials would be sampled. Empty answers are left out. */
export async function unsteeredAnswers({
  session,
  count,
  signal,
  onAnswer,
}: AnswersOptions): Promise<Answer[]> {
  const { engine, prompts, sampling, config, tokensOf } = session;
  const drawn = drawPrompts({
    prompts: prompts.heldOut.length,
    count,
    seed: keyedSeed("answers", config.seed),
  });
  const requests: GenerationRequest[] = [];
  for (const [index, prompt] of drawn.entries()) {
    requests.push({
      id: String(index),
      tokens: await tokensOf(prompts.heldOut[prompt] ?? ""),
      sampling: { ...sampling, seed: keyedSeed("answer", config.seed, index) },
    });
  }
  const answers = new Map<number, Answer>();
  for await (const { id, tokens, text, offsets } of engine.generate(requests, signal ? { signal } : {})) {
    const index = Number(id);
    onAnswer?.(tokens.length);
    if (tokens.length > 0) {
      answers.set(index, { prompt: prompts.heldOut[drawn[index] ?? 0] ?? "", tokens, text, offsets });
    }
  }
  // results come in the order in which they finish; the calibration must not depend on that
  return [...answers.entries()].sort(([a], [b]) => a - b).map(([, answer]) => answer);
}
