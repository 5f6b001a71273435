/**
 * The one loop: judge calibration, latents, then each latent's threshold, then the trials of every arm. Everything done is stored at once
 * and everything stored is not done again, so a run that was cut off anywhere goes on as if it had not been.
 */
import { CountersteerError } from "../errors.ts";
import { type Calibration, CalibrationSchema } from "../judge/calibration.ts";
import { ANALYSIS_EVENT } from "../store/analysis.ts";
import { createRun } from "../store/open-store.ts";
import type { RunStore } from "../store/run-store.ts";
import { inOrder } from "./answer-start.ts";
import { assertSame } from "./assert-same.ts";
import { checkAdapters } from "./check-adapters.ts";
import { checkContext } from "./check-context.ts";
import { chooseLatents } from "./choose-latents.ts";
import { concurrently } from "./concurrently.ts";
import { contrastVectors } from "./contrast-vectors.ts";
import { latentBudgets } from "./divergence/latent-budgets.ts";
import { assertReusable, EarlierRun } from "./earlier-run.ts";
import { findThreshold } from "./find-thresholds.ts";
import { manifestOf } from "./manifest-of.ts";
import { type JudgeAccess, openJudge, type SessionJudge } from "./open-judge.ts";
import { type OnProgress, ProgressMeter } from "./progress.ts";
import { runTrial } from "./run-trial.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";
import { inShard } from "./shard.ts";
import { type Prepared, strengthAt } from "./trial-setup.ts";
import { unitsOf } from "./units.ts";

interface CommonOptions extends JudgeAccess {
  session: Session;
  cacheDir: string;
  onProgress: OnProgress;
  onWarning?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface StartRunOptions extends CommonOptions {
  /** Folder that holds no run. */
  dir: string;
  /** Name of the preset that the configuration came from. */
  preset: string | null;
  /** A run opened for reading, of which equal thresholds and trials are taken over. @default none */
  reuse?: RunStore | null | undefined;
}

export interface ResumeRunOptions extends CommonOptions {
  /** Opened for writing. */
  store: RunStore;
}

/** Latents in work at once: enough to fill the slots with single calibration samples, few enough that early ones finish early. */
const LATENTS_AT_ONCE = 40;
export const CALIBRATION_EVENT = "judge-calibration";
/** What a judge that costs something took; one event each time that it was used. */
export const JUDGE_SPENT_EVENT = "judge-spent";

/** Starts a run in a folder that holds none. Nothing is written there before the judge is ready. Throws RUN_EXISTS. */
export async function startRun({ dir, preset, reuse = null, ...options }: StartRunOptions): Promise<void> {
  const { session } = options;
  await checkAdapters({ session });
  await checkContext({ session });
  const meter = new ProgressMeter({ onProgress: options.onProgress });
  const opened = await openJudgeOf({
    ...options,
    meter,
    stored: reuse === null ? null : calibrationOf({ store: reuse }),
  });
  try {
    const { judge, calibration } = opened;
    const manifest = await manifestOf({ session, judge, preset });
    if (reuse !== null) {
      assertReusable({ earlier: reuse, manifest });
    }
    using store = createRun({
      dir,
      manifest,
      // with the manifest or not at all: nothing writes these again when a run goes on
      begin: (begun) => {
        if (calibration !== null) begun.putEvent({ kind: CALIBRATION_EVENT, detail: calibration });
        begun.putArms(session.arms.map(({ name, content }) => ({ name, content })));
        begun.putEvent({ kind: ANALYSIS_EVENT, detail: session.analyses });
      },
    });
    const earlier = reuse === null ? null : new EarlierRun({ earlier: reuse, store });
    await loop({ ...options, meter, store, opened, earlier });
  } finally {
    await opened.close();
  }
}

/** Goes on with a stored run. `session` must have been opened from the run's own configuration. Throws RUNS_UNEQUAL. */
export async function resumeRun({ store, ...options }: ResumeRunOptions): Promise<void> {
  const { session } = options;
  await checkAdapters({ session });
  await checkContext({ session });
  const meter = new ProgressMeter({ onProgress: options.onProgress });
  const opened = await openJudgeOf({ ...options, meter, stored: calibrationOf({ store }) });
  try {
    assertSame({ store, session, judge: opened.judge });
    store.putArms(session.arms.map(({ name, content }) => ({ name, content })));
    store.putEvent({ kind: "resumed", detail: {} });
    await loop({ ...options, meter, store, opened, earlier: null });
  } finally {
    await opened.close();
  }
}

/** null where the run's judge needs none. */
function calibrationOf({ store }: { store: RunStore }): Calibration | null {
  const [event] = store.events({ kind: CALIBRATION_EVENT });
  if (event === undefined) return null;
  const read = CalibrationSchema.safeParse(event.detail);
  if (read.success) return read.data;
  const judge = store.manifest().judge.id;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: `The run in ${store.dir} can't go on with this version.`,
    why: `Its judge ${judge} was calibrated in another way than this version's, so its trials would not compare with new ones.`,
    todo: "Go on with the version that began it, or judge all of it again: countersteer judge rejudge.",
    facts: { dir: store.dir, judge },
  });
}

type OpenOptions = CommonOptions & { meter: ProgressMeter; stored?: Calibration | null };

async function openJudgeOf({ meter, ...options }: OpenOptions): Promise<SessionJudge> {
  const total = options.session.config.judge.calibrationAnswers;
  return await openJudge({
    ...options,
    onCalibrate: () => meter.begin({ phase: "judge calibration", total }),
    onAnswer: (tokens) => meter.step({ tokens }),
  });
}

interface LoopOptions extends CommonOptions {
  store: RunStore;
  opened: SessionJudge;
  earlier: EarlierRun | null;
  meter: ProgressMeter;
}

async function loop(options: LoopOptions): Promise<void> {
  const { store, opened } = options;
  try {
    await everyTrial(options);
  } finally {
    const detail = opened.spent?.();
    if (detail !== undefined) {
      store.putEvent({ kind: JUDGE_SPENT_EVENT, detail });
    }
  }
}

async function everyTrial({ session, store, opened, meter, earlier, signal }: LoopOptions): Promise<void> {
  const { judge } = opened;
  const runtime: Runtime = { session, store, judge, meter, earlier, call: signal ? { signal } : {} };
  const latents = await readyLatents(runtime);
  const { threshold, trialsPerLatent, seed } = session.config;
  meter.begin({
    phase: "thresholds",
    total: latents.length * (threshold.maxQueries * threshold.samples + threshold.verifySamples),
  });
  const strengths = new Map<number, number>();
  await concurrently({
    items: latents,
    limit: LATENTS_AT_ONCE,
    task: async (latent) => {
      strengths.set(latent, await findThreshold({ latent, runtime }));
    },
  });
  const prepared = await prepare({ runtime, latents, strengths });
  const units = latents
    .flatMap((latent) =>
      unitsOf({
        latent,
        strength: strengths.get(latent) ?? 0,
        prompts: session.prompts.evaluation,
        count: trialsPerLatent,
        seed,
      }),
    )
    .filter((unit) => inShard({ shard: session.config.shard, unit }));
  const trials = units.length * session.arms.length;
  meter.begin({ phase: "trials", total: trials });
  for (const arms of inOrder(session.arms)) {
    await concurrently({
      items: units.flatMap((unit) => arms.map((arm) => ({ arm, unit }))),
      limit: trialsAtOnce(session),
      task: ({ arm, unit }) => runTrial({ arm, unit, runtime, prepared }),
    });
  }
  // a run that was cut off right after this, or is resumed though it is done, is finished once
  if (store.events({ kind: "finished" }).length === 0)
    store.putEvent({ kind: "finished", detail: { trials } });
  meter.begin({ phase: "done", total: 0 });
}

interface PrepareOptions {
  runtime: Runtime;
  latents: readonly number[];
  strengths: ReadonlyMap<number, number>;
}

async function prepare({ runtime, latents, strengths }: PrepareOptions): Promise<Prepared> {
  const { session, call } = runtime;
  const thresholds = latents.map((latent) => strengths.get(latent) ?? 0);
  const mean = thresholds.reduce((sum, each) => sum + each, 0) / thresholds.length;
  const variance = thresholds.reduce((sum, each) => sum + (each - mean) ** 2, 0) / thresholds.length;
  const spread = { mean, deviation: Math.sqrt(variance) };
  const wanted = session.arms.some(({ steering }) => steering?.by === "contrast");
  const { signal } = call;
  const vectors = wanted ? await contrastVectors({ session, latents, signal }) : new Map<number, never>();
  const budgets = await latentBudgets({
    runtime,
    latents,
    strengthAt: ({ latent, level }) =>
      strengthAt({ level, threshold: strengths.get(latent) ?? 0, thresholds: spread }),
  });
  return { thresholds: spread, vectors, budgets };
}

async function readyLatents({ session, store, meter, call }: Runtime): Promise<number[]> {
  if (store.latents().length === 0) {
    const { evaluation, heldOut } = session.prompts;
    meter.begin({ phase: "latents", total: evaluation.length + heldOut.length });
    const { signal } = call;
    store.putLatents(await chooseLatents({ session, signal, onPrompt: () => meter.step() }));
  }
  return store.latents().map(({ latent }) => latent);
}

/** Twice the slots of all processes: while some trials are judged, the others keep the batch full. */
function trialsAtOnce({ engine }: Session): number {
  return 2 * Number(engine.build.workers ?? 1) * Number(engine.build.slots ?? 32);
}
