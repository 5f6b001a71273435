/** `judge rejudge` over a stored run: by a language model behind a server, and by the likelihood judge on an engine process. */
import { cp, writeFile } from "node:fs/promises";
import path from "node:path";
import { likelihoodParts } from "../../../src/experiment/calibrate-judge.ts";
import { parseConfig } from "../../../src/experiment/config.ts";
import { CALIBRATION_EVENT } from "../../../src/experiment/run.ts";
import { openSession } from "../../../src/experiment/session.ts";
import type { Calibration, CalibrationIdentity } from "../../../src/judge/calibration.ts";
import { contrastIdentity } from "../../../src/judge/contrast-identity.ts";
import { openRun } from "../../../src/store/open-store.ts";
import { runCli } from "../../model/support/cli.ts";
import { runContents } from "../contents.ts";
import type { WorkloadMaker, World } from "../workload.ts";
import { makeStoredRun, upTo } from "./made-run.ts";
import { settingsOf } from "./run.ts";

const RESPONSES = 120;

export const judgeWorkload: WorkloadMaker = async ({ folder, judgeUrl }) => {
  const stored = path.join(folder, "responses");
  makeStoredRun({ dir: stored, trials: upTo(RESPONSES), judged: false });
  const judge = ["--judge", "llm", "--judge-provider", "compatible", "--judge-model", "scripted"];
  return {
    engines: false,
    atOnce: false,
    prepare: (home) => cp(stored, path.join(home, "run"), { recursive: true }),
    args: async (home) => [
      ...["judge", "rejudge", path.join(home, "run"), ...judge, "--judge-base-url", judgeUrl],
      ...["--cache-dir", path.join(home, "cache"), "--json"],
    ],
    result: async (home) => runContents(path.join(home, "run")),
  };
};

export const likelihoodWorkload: WorkloadMaker = async (world) => {
  const stored = await storedRun(world);
  const config = path.join(world.folder, "likelihood.yaml");
  await writeFile(config, "judge: {kind: likelihood}");
  return {
    engines: true,
    atOnce: false,
    prepare: (home) => cp(stored, path.join(home, "run"), { recursive: true }),
    args: async (home) => [
      ...["judge", "rejudge", path.join(home, "run"), "--config", config, "--workers", "1", "--threads", "1"],
      ...["--cache-dir", path.join(home, "cache"), "--json"],
    ],
    result: async (home) => runContents(path.join(home, "run")),
  };
};

/** The toy model can't calibrate a judge of topics: the run gets a calibration that was made up. */
async function storedRun(world: World): Promise<string> {
  const dir = path.join(world.folder, "stored");
  const settings = path.join(world.folder, "stored.yaml");
  const cacheDir = path.join(world.folder, "cache");
  await writeFile(settings, settingsOf(world));
  const machine = ["--workers", "1", "--threads", "1", "--cache-dir", cacheDir];
  const { code, stderr } = await runCli({ args: ["run", settings, "--out", dir, ...machine] });
  if (code !== 0) throw new Error(`no run to judge: ${stderr}`);
  using store = openRun({ dir, mode: "write" });
  const config = parseConfig({ settings: store.manifest().config, source: dir });
  const session = await openSession({ config, machine: { cacheDir, workers: 1, threads: 1 } });
  try {
    const { engine, contrastPrompts, contrastSize, renderPrompt: render } = likelihoodParts(session);
    const { identity } = await contrastIdentity({ engine, render, contrastPrompts, contrastSize });
    store.putEvent({ kind: CALIBRATION_EVENT, detail: madeUp(identity) });
  } finally {
    await session.close();
  }
  return dir;
}

function madeUp(identity: CalibrationIdentity): Calibration {
  return {
    version: 2,
    ...identity,
    answers: { hash: "0".repeat(64), count: 8 },
    broken: 0,
    seed: 0,
    topicality: [{ tokens: 5, on: 0.02, off: -0.02 }],
    fluency: {
      dispersion: { one: 1, zero: 4 },
      logProb: { one: -5, zero: -8 },
      repetition: { one: 0, zero: 0.4 },
    },
    recovery: {
      beginnings: [],
      falseAlarms: { offTopic: { alarms: 0, answers: 0 }, unsteered: { alarms: 0, answers: 0 } },
      stretches: [],
      threshold: null,
    },
  };
}
