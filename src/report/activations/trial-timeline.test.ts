import path from "node:path";
import { expect, test } from "vitest";
import {
  type MadeAnswer,
  makeRestartsRun,
  PHRASE,
  PLACES,
  RECORDING,
} from "../../../test/support/restarts-run.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { DeclaredActivations } from "../../store/analysis.ts";
import { activationReports } from "./activation-report.ts";
import { alignedRows, trialTimelineRows } from "./timeline-rows.ts";
import { alignedText, trialTimelineText } from "./timeline-text.ts";
import { storedRecording, trialTimeline } from "./trial-timeline.ts";

const activations: DeclaredActivations = {
  recording: RECORDING,
  groups: [
    { name: "detectors", latents: [1, 2], first: "off-topic", second: "on-topic", alternative: "greater" },
  ],
  episodes: { arm: "steered", improved: false, restarts: "one" },
  noRestart: null,
  baseline: null,
  window: [-20, 20],
};
const answer: MadeAnswer = {
  key: "trial-1",
  arm: "steered",
  latent: 2,
  restarts: true,
  scores: [10, 60],
  columns: [1, 2],
  value: ({ token, latent }) => (latent === 2 ? 50 : token),
};

async function made(answers: MadeAnswer[]) {
  await using folder = await temporaryFolder();
  using store = makeRestartsRun({ dir: path.join(folder.path, "run"), answers, activations });
  const trial = store.trial("trial-1");
  const stored = storedRecording({ store, trialKey: "trial-1" });
  if (trial === null || stored === null) throw new Error("not stored");
  const [judgement = null] = store.judgements({ trialKey: "trial-1" });
  const timeline = trialTimeline({ trial, judgement, ...stored, source: "recorded" });
  return { timeline, trial, reports: activationReports({ store }) };
}

test("a trial's timeline has each token once, with its region, and the steered latent apart from the groups", async () => {
  const { timeline, trial } = await made([answer]);
  expect(timeline.tokens.map(({ text }) => text).join("")).toBe(trial.text);
  expect(timeline.regions).toEqual(PLACES);
  expect(timeline.tokens.map(({ region }) => region)).toEqual([
    ...new Array(5).fill("off-topic"),
    ...new Array(3).fill("correction"),
    ...new Array(5).fill("on-topic"),
  ]);
  const correction = timeline.tokens.filter(({ region }) => region === "correction");
  expect(correction.map(({ text }) => text).join("")).toBe(` ${PHRASE}`);
  // the last token was never fed
  expect(timeline.tokens.map(({ sums }) => sums[0])).toEqual([
    ...Array.from({ length: 12 }, (_, i) => i),
    null,
  ]);
  expect(timeline.tokens.map(({ steered }) => steered)).toEqual([...new Array(12).fill(50), null]);
  const text = trialTimelineText({ timeline });
  expect(text).toContain("correction [5, 8)");
  expect(text.split("\n")).toHaveLength(3 + 1 + 13);
  expect(trialTimelineRows(timeline)[6]).toEqual({
    trial: "trial-1",
    token: 6,
    offset: trial.offsets[6],
    text: ", start",
    region: "correction",
    detectors: 6,
    steered: 50,
  });
});

test("an answer without a restart has no regions, and is shown all the same", async () => {
  const { timeline } = await made([{ ...answer, restarts: false }]);
  expect(timeline.regions).toBeNull();
  expect(timeline.tokens.every(({ region }) => region === null)).toBe(true);
  expect(trialTimelineText({ timeline })).toContain("no regions");
});

test("averages are printed where there is an episode, and their data has a row for each offset", async () => {
  const { reports } = await made([answer]);
  const [report] = reports;
  if (report === undefined) throw new Error("no report");
  const shown = alignedText({ report, every: 5 }).split("\n").slice(2);
  expect(shown.map((line) => Number(line.trim().split(/\s+/)[0]))).toEqual([-5, 0, 5]);
  const rows = alignedRows(reports);
  expect(rows).toHaveLength(2 * 40);
  expect(rows.find(({ offset, group }) => offset === -6 && group === "detectors")).toMatchObject({
    n: 0,
    mean: null,
  });
  const none = (await made([{ ...answer, restarts: false }])).reports[0];
  expect(none && alignedText({ report: none })).toContain("nothing to average");
});
