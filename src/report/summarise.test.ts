import { describe, expect, it } from "vitest";
import { eachEmptyRun } from "../../test/support/empty-run.ts";
import {
  attemptRecords,
  FAILED,
  JUDGE,
  judgementRecord,
  manifestRecord,
  receiptRecord,
  trialRecord,
} from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { createRun } from "../store/open-store.ts";
import type { JudgementStatus, TrialRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { summarise } from "./summarise.ts";
import { summaryText } from "./table.ts";

let store: RunStore;
eachEmptyRun((empty) => {
  store = empty;
});

interface Case {
  key: string;
  status?: JudgementStatus;
  scores?: (number | null)[];
  trial?: Partial<TrialRecord>;
}

function put(cases: Case[], arm = "steered"): void {
  for (const { key, status, scores = [], trial = {} } of cases) {
    store.putTrial(trialRecord({ key, arm, ...trial }));
    if (status !== undefined) {
      store.putJudgement(judgementRecord({ trialKey: key, status, attempts: attemptRecords(scores) }));
    }
  }
}

/** METHOD.md, appendix B.5. */
const HAND_MADE: Case[] = [
  { key: "error trial", trial: FAILED },
  { key: "judge failed", status: "failed" },
  { key: "judge refused", status: "refused" },
  { key: "judge empty", status: "empty" },
  { key: "judge unparsable", status: "unparsable" },
  { key: "not judged yet" },
  { key: "empty attempts", status: "no-attempt" },
  { key: "null score only", status: "no-attempt", scores: [null] },
  { key: "single attempt", status: "scored", scores: [20] },
  { key: "single attempt and a null score", status: "scored", scores: [null, 40] },
  { key: "equal scores", status: "scored", scores: [30, 30] },
  { key: "improving", status: "scored", scores: [10, 90], trial: { latent: 8, degraded: true } },
  { key: "worsening", status: "scored", scores: [60, 20] },
  { key: "better middle, no better end", status: "scored", scores: [30, 95, 30] },
  { key: "worse middle, better end", status: "scored", scores: [30, 5, 31], trial: { latent: 8 } },
];

describe("a hand-made run (METHOD.md B.5)", () => {
  it("has exactly these denominators, N, M and I", () => {
    put(HAND_MADE);
    const [arm, ...others] = summarise({ store }).arms;
    expect(others).toEqual([]);
    expect(arm?.counts).toEqual({
      trials: 15,
      errored: 1,
      generated: 14,
      unjudged: 1,
      judged: 13,
      scored: 7,
      noAttempt: 2,
      refused: 1,
      empty: 1,
      unparsable: 1,
      failed: 1,
      degraded: 1,
      excluded: 0,
      multiAttempt: 5,
      improved: 2,
      worsened: 1,
    });
    expect(arm?.multiAttempt).toMatchObject({ successes: 5, n: 7, estimate: 5 / 7 });
    expect(arm?.esr).toMatchObject({ successes: 2, n: 7, estimate: 2 / 7 });
    expect(arm?.improvement).toMatchObject({ successes: 2, n: 5, estimate: 2 / 5 });
    expect(arm?.firstScore).toMatchObject({
      n: 7,
      estimate: (20 + 40 + 30 + 10 + 60 + 30 + 30) / 7,
      clusters: 2,
    });
    // the paper's standard error, sqrt(p (1 - p) / n)
    expect(arm?.esr.wilson.standardError).toBeCloseTo(Math.sqrt(((2 / 7) * (5 / 7)) / 7), 12);
  });

  it("counts only gains above the margin, the run's own unless another is asked for", () => {
    put(HAND_MADE);
    expect(summarise({ store, margin: 1 }).arms[0]?.counts.improved).toBe(1);
    expect(summarise({ store, margin: 80 }).arms[0]?.counts).toMatchObject({ improved: 0, multiAttempt: 5 });
    expect(summarise({ store, margin: 79.5 })).toMatchObject({
      margin: 79.5,
      arms: [{ counts: { improved: 1 } }],
    });
    expect(summarise({ store }).margin).toBe(0);
  });

  it("leaves degraded responses out of the rates when asked, and counts them", () => {
    put(HAND_MADE);
    const [arm] = summarise({ store, excludeDegraded: true }).arms;
    expect(arm?.counts).toMatchObject({ scored: 7, degraded: 1, excluded: 1, multiAttempt: 4, improved: 1 });
    expect(arm?.esr.n).toBe(6);
  });

  it("means the same in whatever order the trials finished", async () => {
    put(HAND_MADE);
    await using other = await temporaryFolder();
    const first = store;
    store = createRun({ dir: other.path, manifest: manifestRecord() });
    put([...HAND_MADE].reverse());
    expect(summarise({ store }).arms).toEqual(summarise({ store: first }).arms);
    store.close();
    store = first;
  });
});

it("a run takes its margin from its configuration", async () => {
  await using other = await temporaryFolder();
  using strict = createRun({ dir: other.path, manifest: manifestRecord({ config: { margin: 10 } }) });
  expect(summarise({ store: strict }).margin).toBe(10);
});

it("counts the judgements of the judge that was asked for, and of no other", () => {
  put([{ key: "a", status: "scored", scores: [10, 20] }]);
  store.putJudgement(judgementRecord({ trialKey: "a", judge: "llm/1", status: "refused", attempts: [] }));
  expect(summarise({ store }).arms[0]?.counts).toMatchObject({ scored: 1, refused: 0 });
  const other = summarise({ store, judge: "llm/1" });
  expect(other.judge).toBe("llm/1");
  expect(other.arms[0]?.counts).toMatchObject({ scored: 0, refused: 1, judged: 1 });
});

it("lists declared arms without trials, with rates that have no value", () => {
  store.putArms([{ name: "ablated", content: {} }]);
  put([{ key: "a", status: "scored", scores: [10] }]);
  const [ablated, steered] = summarise({ store }).arms;
  expect(ablated).toMatchObject({
    arm: "ablated",
    esr: { n: 0, estimate: null },
    example: null,
    dose: { mean: null },
  });
  expect(steered).toMatchObject({ arm: "steered", esr: { n: 1, estimate: 0 } });
  expect(steered?.esr.byLatent.upper).toBeGreaterThan(0.5);
});

it("clusters by latent: an interval over few latents is wider than one that takes trials for independent", () => {
  const cases = Array.from({ length: 200 }, (_, i): Case => {
    const latent = i % 10;
    return { key: `t${i}`, status: "scored", scores: latent < 3 ? [10, 90] : [10], trial: { latent } };
  });
  store.transaction(() => put(cases));
  const [arm] = summarise({ store }).arms;
  const width = (interval: { lower: number | null; upper: number | null }) =>
    (interval.upper ?? 0) - (interval.lower ?? 0);
  expect(arm?.esr.estimate).toBe(0.3);
  expect(arm?.clusters).toBe(10);
  expect(arm === undefined ? 0 : width(arm.esr.byLatent) / width(arm.esr.wilson)).toBeGreaterThan(3);
});

it("the mean dose is over the receipts", () => {
  put([
    { key: "a", trial: { receipt: receiptRecord(0.2) } },
    { key: "b", trial: { receipt: receiptRecord(0.6) } },
    { key: "c", trial: { receipt: null } },
  ]);
  const dose = summarise({ store }).arms[0]?.dose;
  expect(dose?.n).toBe(2);
  expect(dose?.mean).toBeCloseTo(0.4, 12);
});

it("the example is the most telling response that there is", () => {
  put([{ key: "a" }, { key: "error", trial: FAILED }]);
  const kind = () => summarise({ store }).arms[0]?.example;
  expect(kind()).toMatchObject({ kind: "not scored", key: "a", status: null });
  put([{ key: "b", status: "scored", scores: [40] }]);
  expect(kind()).toMatchObject({ kind: "scored", key: "b" });
  put([{ key: "c", status: "scored", scores: [40, 40] }]);
  expect(kind()).toMatchObject({ kind: "multi-attempt", key: "c" });
  put([{ key: "d", status: "scored", scores: [40, 41] }]);
  expect(kind()).toMatchObject({ kind: "ESR success", key: "d", attempts: [{ score: 40 }, { score: 41 }] });
});

describe("as text", () => {
  function fill(): void {
    store.putLatents([{ latent: 7, label: "mentions of bees\u001b[31m and honey" }]);
    store.putThreshold({
      latent: 7,
      strength: 12.34,
      lower: 10,
      upper: 15.5,
      queries: [
        { strength: 20, scores: [5, 6] },
        { strength: 12, scores: [30] },
      ],
      stopped: "narrow",
      warning: "high",
      verification: [28, 35],
    });
    put([
      ...HAND_MADE.filter(({ key }) => key !== "improving"),
      { key: "improving", status: "scored", scores: [10], trial: { latent: 8 } },
    ]);
    store.putTrial(trialRecord({ key: "real" }));
    store.putJudgement(judgementRecord({ trialKey: "real" }));
  }

  it("shows rates, margin, denominators, thresholds and an example, plain where it isn't for a terminal", () => {
    fill();
    const summary = { ...summarise({ store }), dir: "runs/x" };
    expect(summaryText({ summary, color: false, width: 100 })).toMatchInlineSnapshot(`
      "esr in runs/x
      llama q8_0 (as-is), layer 15, target 30, judge likelihood/1, seed 1

      Rates
      arm      measure              n   value   Wilson 95 %  by latent 95 %    and prompt
      steered  first score          8    28.8                  [20.0, 31.7]
               multi-attempt      5/8  62.5 %  [30.6, 86.3]     [5.3, 98.0]   [5.3, 98.0]
               ESR                2/8  25.0 %   [7.1, 59.1]     [0.0, 99.9]   [0.0, 99.9]
               improved of multi  2/5  40.0 %  [11.8, 76.9]    [0.0, 100.0]  [0.0, 100.0]
      Success: last score > first score + 0. Degraded responses are kept. With fewer than ten latents
      (steered) the interval by latent is too narrow.

      Denominators
                                    steered
      trials                             16
        errored                           1
        generated                        15
          degraded                        0
          not judged yet                  1
          judged                         14
            scored                        8
              left out as degraded        0
              multi-attempt               5
                improved                  2
                worsened                  1
            no attempt                    2
            judge refused                 1
            judge said nothing            1
            judge unparsable              1
            judge failed                  1
      mean dose                       0.500

      What success hangs on
                                                          steered
      improved by more than 0                                 2/5
        by chance: attempts in random order                   1.8
        by chance: another trial's last score                 2.5
        by the lengths of the attempts alone                    -
        p of as many in random order                        0.625
      successes at margin 0 / 5 / 10 / 20 / 30  2 / 1 / 1 / 1 / 1
      cut off at the limit: one attempt                         0
      cut off at the limit: several                             0

      Thresholds
      latent  label                           threshold          90 %  queries  verified
           7  mentions of bees [31m and hon…      12.34  [10.0, 15.5]    2 (3)  31.5 (2)  at the high end

      Example of steered: ESR success
        latent 7 at 12.25
        prompt: How do I bake bread?
        attempt 1, score 10.0: Bees hum.
        attempt 2, score 90.5: Wait, let me start over. Mix flour and water."
    `);
  });

  it("has colours on a terminal only, and never a control character of a model or a label", () => {
    fill();
    store.putTrial(trialRecord({ key: "evil", arm: "evil", text: "a\u001b[2Jb\u0007" }));
    const summary = summarise({ store });
    const controls = (text: string) => [...new Set(text.match(/\p{Cc}/gu))].join("");
    expect(controls(summaryText({ summary, color: false }))).toBe("\n");
    const colored = summaryText({ summary, color: true });
    expect(colored).toContain("\u001b[1mRates\u001b[22m");
    expect(controls(colored.replaceAll("\u001b[1m", "").replaceAll("\u001b[22m", ""))).toBe("\n");
  });

  it("says how many latents it doesn't list", () => {
    for (let latent = 0; latent < 5; latent++) {
      store.putThreshold({
        latent,
        strength: 1,
        lower: 0,
        upper: 2,
        queries: [],
        stopped: "max-queries",
        warning: null,
        verification: [],
      });
    }
    const text = summaryText({ summary: summarise({ store }), color: false, calibrationLimit: 3 });
    expect(text).toContain("... and 2 more latents");
  });

  it("is judged by a named judge", () => {
    expect(summaryText({ summary: summarise({ store }), color: false })).toContain(`judge ${JUDGE}`);
  });
});
