/** A run as a row of the list: what it is, how far it is, and what keeps it from being read. */
import { parseConfig, type RunConfig } from "../../experiment/config.ts";
import { countsOf } from "../../experiment/plan.ts";
import { clusterLogit } from "../../stats/cluster-logit.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { ArmRecord } from "../../store/records.ts";
import { isImported } from "../../store/reference/manifest-of.ts";
import { runProgress } from "../../store/run-progress.ts";
import type { RunStore } from "../../store/run-store.ts";
import type { ShownRate } from "./api/common.ts";
import type { Live, RunRow } from "./api/runs.ts";
import type { OpenRuns } from "./open-runs.ts";
import { problemOf } from "./problem.ts";
import type { RunControl } from "./run-control.ts";
import type { ShelvedRun } from "./run-shelf.ts";
import { VersionCache } from "./version-cache.ts";

/** What only changes when the run's database does. */
interface StoredFacts {
  manifest: Manifest;
  arms: string[];
  /** It says that it was finished, or can't go on. */
  isFinished: boolean;
  /** Its settings are ones that this version can go on with. */
  isResumable: boolean;
  progress: Omit<Live, "state">;
}

export class RunRows {
  readonly #control: RunControl;
  readonly #opened: OpenRuns;
  readonly #facts = new VersionCache<StoredFacts>({ most: 2000 });

  constructor({ control, opened }: { control: RunControl; opened: OpenRuns }) {
    this.#control = control;
    this.#opened = opened;
  }

  /** Never throws: a run that can't be read is a row with its problem. */
  row(run: ShelvedRun): RunRow {
    const { id, name } = run;
    try {
      const { manifest, arms, isResumable } = this.#stored(run);
      const { createdAt, design, preset, judge } = manifest;
      const live = this.live(run);
      return {
        id,
        name,
        run: {
          ...live,
          createdAt,
          design,
          preset,
          model: modelName(manifest),
          judge: judge.id,
          arms,
          resumable: live.state === "stopped" && isResumable,
        },
        problem: this.#control.failureOf(run),
      };
    } catch (error) {
      return { id, name, run: null, problem: problemOf(error).problem };
    }
  }

  /** Throws what opening the run throws. */
  live(run: ShelvedRun): Live {
    const { progress, isFinished } = this.#stored(run);
    const state = this.#control.isRunning(run) ? "running" : isFinished ? "finished" : "stopped";
    return { state, ...progress };
  }

  #stored(run: ShelvedRun): StoredFacts {
    return this.#facts.get({ run, what: "", make: () => this.#opened.read(run, storedFacts) });
  }
}

/** Newest first; those that can't be read come last. */
export function inOrder(rows: readonly RunRow[]): RunRow[] {
  const madeAt = ({ run }: RunRow) => run?.createdAt ?? "";
  return rows.toSorted((a, b) => {
    const [one, other] = [madeAt(a), madeAt(b)];
    return one === other ? (a.name < b.name ? -1 : 1) : one < other ? 1 : -1;
  });
}

function storedFacts(store: RunStore): StoredFacts {
  const manifest = store.manifest();
  const arms = store.arms();
  const steered = arms.find(isSteered) ?? arms[0];
  const { trials, errored, judged, multiAttempt } = runProgress({
    store,
    judge: manifest.judge.id,
    arm: steered?.name ?? "",
  });
  const imported = isImported(manifest);
  const config = imported ? null : configOf(manifest);
  const [finished] = store.events({ kind: "finished" });
  const isFinished = imported || finished !== undefined;
  const names = arms.map(({ name }) => name);
  const planned = config === null || names.length === 0 ? null : countsOf({ config, arms: names }).trials;
  return {
    manifest,
    arms: names,
    isFinished,
    isResumable: config !== null,
    progress: {
      trials,
      errored,
      judged,
      planned: isFinished ? trials : planned,
      multiAttempt: rateOf(multiAttempt),
    },
  };
}

function isSteered({ content }: ArmRecord): boolean {
  return content.steer !== null && content.steer !== undefined;
}

/** null where this version can't read the settings. */
function configOf({ config }: Manifest): RunConfig | null {
  try {
    return parseConfig({ settings: config, source: "the run" });
  } catch {
    return null;
  }
}

/** With the interval by latent that reports print. */
function rateOf(clusters: readonly { cluster: string; n: number; successes: number }[]): ShownRate {
  const observations = clusters.map(({ cluster, n, successes }) => ({
    cluster,
    numerator: successes,
    denominator: n,
  }));
  const n = clusters.reduce((sum, each) => sum + each.n, 0);
  const successes = clusters.reduce((sum, each) => sum + each.successes, 0);
  const { estimate, lower, upper } = clusterLogit({ observations });
  return {
    successes,
    n,
    estimate,
    lower: estimate === null ? null : lower,
    upper: estimate === null ? null : upper,
  };
}

/** The file's name without its ending. */
function modelName({ model }: Manifest): string {
  const file = model.path.split(/[\\/]/).at(-1) ?? "";
  return file.replace(/\.gguf$/i, "") || model.architecture;
}
