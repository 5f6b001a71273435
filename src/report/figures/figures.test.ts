import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeReportRun } from "../../../test/support/report-run.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { RunStore } from "../../store/run-store.ts";
import { trialFacts } from "../outcomes.ts";
import { runReport } from "../run-report.ts";
import type { JudgePair } from "./agreement-figure.ts";
import { agreementFigure } from "./agreement-figure.ts";
import { armScores } from "./arm-scores.ts";
import { curveFigure } from "./curve-figure.ts";
import { standaloneSvg } from "./draw.ts";
import { type Figure, figureCsv } from "./figure.ts";
import { firstScores } from "./first-scores.ts";
import { pairedFigure } from "./paired-figure.ts";
import { rateBars } from "./rate-bars.ts";
import { allFigures, runFigures } from "./run-figures.ts";
import { scoreChanges } from "./score-changes.ts";
import { thresholdFigure } from "./threshold-figure.ts";
import { type TimelinePoint, timelineFigure } from "./timeline-figure.ts";

const PAIRS: JudgePair[] = [
  {
    first: "likelihood/2",
    second: "llm/3",
    measures: [
      { measure: "kappa: several attempts", n: 120, estimate: 0.62, lower: 0.4, upper: 0.8 },
      { measure: "Pearson: first score", n: 118, estimate: -0.1, lower: null, upper: null },
      { measure: "restarts found again", n: 0, estimate: null, lower: null, upper: null },
    ],
  },
];

const TIMELINE: TimelinePoint[] = ["detectors", "steered latent"].flatMap((group, g) =>
  Array.from({ length: 21 }, (_, i): TimelinePoint => {
    const offset = i - 10;
    const mean = i === 4 ? null : 2 + g + (offset < 0 ? -offset / 10 : 0);
    const half = i === 5 ? null : 0.5;
    const bound = (sign: number) => (mean === null || half === null ? null : mean + sign * half);
    return { group, offset, mean, lower: bound(-1), upper: bound(1), n: mean === null ? 0 : 12 };
  }),
);

let folder: TemporaryFolder;
let store: RunStore;
let figures: Figure[];

beforeAll(async () => {
  folder = await temporaryFolder();
  store = makeReportRun({ dir: folder.path });
  figures = draw(store);
});

afterAll(async () => {
  store.close();
  await folder[Symbol.asyncDispose]();
});

function draw(from: RunStore): Figure[] {
  const report = runReport({ store: from });
  const trials = Map.groupBy(trialFacts(from.judged({})), ({ row }) => row.arm);
  const scores = report.summary.arms.map(({ arm }) =>
    armScores({ arm, trials: trials.get(arm) ?? [], excludeDegraded: false }),
  );
  return [
    ...allFigures(runFigures({ report, scores, judgePairs: PAIRS })),
    timelineFigure({ name: "timeline", title: "Around the restart", points: TIMELINE, level: 0.95 }),
  ];
}

function marks({ svg }: Figure): number {
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
  return [...document.querySelectorAll(".cs-data, .cs-data-hollow, .cs-data-mean")]
    .map((group) => group.querySelectorAll("rect, circle, path").length)
    .reduce((sum, n) => sum + n, 0);
}

const EMPTY: Figure[] = [
  rateBars({ name: "a", arms: [], level: 0.95 }),
  firstScores({ name: "b", arms: [], target: 30 }),
  scoreChanges({ name: "c", arms: [{ arm: "steered", firstScores: [1], changes: [] }], margin: 0 }),
  pairedFigure({ name: "d", family: "dose", isCorrected: true, rows: [] }),
  curveFigure({ name: "e", curve: { design: "dose", axis: "x", points: [] }, level: 0.95 }),
  thresholdFigure({ name: "f", thresholds: [], target: null }),
  agreementFigure({ name: "g", pairs: [] }),
  timelineFigure({ name: "h", title: "none", points: [], level: 0.95 }),
];

describe("figures of a made-up run", () => {
  it("look as they did", async () => {
    expect(figures.map(({ name }) => name)).toEqual([
      "rates",
      "first-scores",
      "score-changes",
      "paired-dose",
      "curve-dose",
      "thresholds",
      "judge-agreement",
      "timeline",
    ]);
    for (const figure of figures) {
      await expect(standaloneSvg(figure.svg)).toMatchFileSnapshot(
        `../../../test/data/figures/${figure.name}.svg`,
      );
    }
  });

  it("are the same text each time they are drawn", () => {
    expect(draw(store)).toEqual(figures);
  });

  it("have one row of data for each mark that stands for data", () => {
    for (const figure of figures) {
      expect(figure.rows.length, figure.name).toBeGreaterThan(0);
      expect(marks(figure), figure.name).toBe(figure.rows.length);
      expect(figureCsv(figure).trimEnd().split("\n"), figure.name).toHaveLength(1 + figure.rows.length);
      for (const row of figure.rows) expect(row).toHaveLength(figure.columns.length);
    }
  });

  it("tell a screen reader what they show", () => {
    for (const { svg, name, title, description } of figures) {
      const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
      const picture = document.querySelector("svg");
      expect(picture?.getAttribute("role")).toBe("img");
      const ids: string[] = picture?.getAttribute("aria-labelledby")?.split(" ") ?? [];
      expect(ids).toEqual([`${name}-title`, `${name}-description`]);
      expect(ids.map((id) => document.getElementById(id)?.textContent)).toEqual([title, description]);
    }
  });
});

describe("a figure without data", () => {
  it("says so and shows nothing", () => {
    for (const figure of EMPTY) {
      expect(figure.rows).toEqual([]);
      expect(marks(figure)).toBe(0);
      expect(figure.svg).toMatch(/<text class="cs-note"[^>]*>No .+\.<\/text>/);
    }
  });
});

describe("a figure of hostile names", () => {
  it("has only the elements of a figure, and shows the names as text", () => {
    const arm = `</text></svg><script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e`;
    const figure = scoreChanges({ name: "x", arms: [{ arm, firstScores: [1], changes: [30] }], margin: 0 });
    const { document } = parseHTML(`<!doctype html><html><body>${figure.svg}</body></html>`);
    const names = new Set([...document.querySelectorAll("body *")].map(({ localName }) => localName));
    expect([...names].sort()).toEqual(["desc", "g", "line", "path", "rect", "svg", "text", "title"]);
    expect(figure.svg).not.toContain("\u202e");
    expect(figure.rows[0]?.[0]).toBe(arm);
  });

  it("keeps two arms apart whose short names are equal", () => {
    const arms = ["b", "c"].map((middle) => ({
      arm: `${"a".repeat(30)}${middle}${"a".repeat(30)}`,
      firstScores: [1],
      changes: [30],
    }));
    expect(marks(scoreChanges({ name: "x", arms, margin: 0 }))).toBe(2);
  });
});
