/** The judge of a session, whatever its kind. */
import type { Calibration } from "../judge/calibration.ts";
import {
  type OpenedJudge,
  type OpenLanguageModelJudgeOptions,
  openLanguageModelJudge,
} from "../judge/open-judge.ts";
import { calibrationFor, judgeOf } from "./calibrate-judge.ts";
import type { Session } from "./session.ts";

/** What a judge may need of the process: keys of providers, and how models are fetched. */
export type JudgeAccess = Pick<OpenLanguageModelJudgeOptions, "llm" | "pull">;

export interface OpenJudgeOptions extends JudgeAccess {
  session: Session;
  /** Where calibrations, answers and models are kept. */
  cacheDir: string;
  /** The run's own calibration, where it has one. */
  stored?: Calibration | null;
  signal?: AbortSignal | undefined;
  /** Told when the likelihood judge is about to be calibrated, and after each answer that it takes. */
  onCalibrate?: () => void;
  onAnswer?: (tokens: number) => void;
  onWarning?: ((text: string) => void) | undefined;
}

export interface SessionJudge extends OpenedJudge {
  /** Of the likelihood judge; null for the others. */
  calibration: Calibration | null;
}

/** Throws JUDGE_UNCALIBRATED, or what `openLanguageModelJudge` throws. */
export async function openJudge(options: OpenJudgeOptions): Promise<SessionJudge> {
  const { session, cacheDir, llm, pull, stored = null, signal, onWarning } = options;
  const { judge: settings } = session.config;
  if (settings.kind !== "likelihood") {
    const { engine } = session;
    const common = { settings, cacheDir, llm, pull, engine, signal, onWarning };
    return { ...(await openLanguageModelJudge(common)), calibration: null };
  }
  if (stored === null) {
    options.onCalibrate?.();
  }
  const { onAnswer } = options;
  const calibration =
    stored ??
    (await calibrationFor({ session, cacheDir, signal, onWarning, ...(onAnswer ? { onAnswer } : {}) }));
  const judge = await judgeOf({ session, calibration });
  return { judge, calibration, spent: null, close: async () => {} };
}
