/** What the playground is started with. */
import type { Settings } from "../../../experiment/presets.ts";
import type { MachineOptions } from "../../../experiment/session.ts";

export interface PlaygroundOptions {
  /** The folder that is shown: saved answers become folders in it. */
  folder: string;
  /** Of the engine's processes, and where weights and calibrations are kept. */
  machine: MachineOptions;
  /** Settings as a run's file has them, over those of the preset `demo`, whose calibration of the judge is used where it is there. @default the default model's */
  settings?: Settings;
  /** Adapters that a request may name, with their files. @default what `offeredAdapters` gives without files */
  adapters?: ReadonlyMap<string, string>;
  /** File of detectors; null for none. @default the package's own, where they are of this SAE */
  detectors?: string | null;
  /** The id under which the SAE in this path is served. @default its folder's name */
  saeId?: (path: string) => string;
  /** The id under which the run in this folder is served. @default its folder's name */
  runId?: (dir: string) => string;
  /** Answers that may run at a time. @default 2 */
  maxAnswers?: number;
  /** Milliseconds without an answer after which the engine is closed. @default 5 minutes */
  idleMs?: number;
  /** Answers that can still be saved. @default 200 */
  keptAnswers?: number;
  /** @default the wall clock */
  now?: () => Date;
  /** @default crypto.randomUUID */
  newId?: () => string;
  onWarning?: (text: string) => void;
}

/** What prompt and answer may take together, where the machine's options don't say. */
export const CONTEXT = 2048;
export const SLOTS = 8;
