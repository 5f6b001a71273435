/** One run as a document: the tables of its report, its figures, its provenance, and trials to read. */
import type { RunStore } from "../../store/run-store.ts";
import type { JudgePair } from "../figures/agreement-figure.ts";
import { armScores } from "../figures/arm-scores.ts";
import type { Figure } from "../figures/figure.ts";
import { allFigures, type RunFigures, runFigures } from "../figures/run-figures.ts";
import { importedText } from "../imported-note.ts";
import { judgeSpentText } from "../judge-spent.ts";
import { short } from "../number-text.ts";
import { storedFacts, type TrialFacts } from "../outcomes.ts";
import type { RunReport } from "../run-report.ts";
import { readJudged } from "../summarise.ts";
import { activationBlocks } from "./activation-blocks.ts";
import type { Block, RunDocument, Section } from "./blocks.ts";
import { comparisonBlocks, curveBlocks, familyBlocks } from "./comparison-blocks.ts";
import { judgePairBlocks } from "./judge-blocks.ts";
import { countsBlocks, ratesTable, recoveryBlocks, robustnessBlocks } from "./rate-blocks.ts";
import { provenanceBlocks, thresholdBlocks } from "./setup-blocks.ts";
import { trialBlocks } from "./shown-trials.ts";
import { warningsOf } from "./warnings.ts";

export interface RunDocumentOptions {
  store: RunStore;
  /** Of the same store. */
  report: RunReport;
  /** Agreement of every two judges. @default none */
  judgePairs?: readonly JudgePair[];
  /** Ids and names of figures begin with it: those of several runs in one report must differ. @default "" */
  prefix?: string;
}

export function runDocument({
  store,
  report,
  judgePairs = [],
  prefix = "",
}: RunDocumentOptions): RunDocument {
  const { summary } = report;
  const { all: trials, byArm } = storedFacts({ store, judge: summary.judge });
  const { excludeDegraded } = summary;
  const scores = summary.arms.map(({ arm }) =>
    armScores({ arm, trials: byArm.get(arm) ?? [], excludeDegraded }),
  );
  const figures = runFigures({ report, scores, judgePairs, prefix });
  const sections = [
    ...resultSections({ report, figures }),
    judgeSection({ report, figures, judgePairs }),
    readingSection({ store, report, trials }),
    {
      id: "provenance",
      title: "Settings and provenance",
      blocks: provenanceBlocks({ manifest: summary.manifest, arms: report.arms }),
    },
  ].filter(({ blocks }) => blocks.length > 0);
  return {
    title: summary.manifest.design,
    sections: [glance({ store, report }), ...sections].map((section) => ({
      ...section,
      id: `${prefix}${section.id}`,
    })),
    figures: allFigures(figures),
  };
}

function glance({ store, report }: { store: RunStore; report: RunReport }): Section {
  const { manifest, judge, margin, arms, level, calibration } = report.summary;
  const { model, layer, target, seed } = manifest;
  const trials = arms.reduce((sum, { counts }) => sum + counts.trials, 0);
  const latents = new Set(calibration.map(({ latent }) => latent)).size;
  const warnings = warningsOf({ report, events: store.events() });
  return {
    id: "glance",
    title: "At a glance",
    blocks: [
      {
        kind: "terms",
        items: [
          ["design", manifest.design],
          [
            "model",
            `${model.architecture} ${model.weightType} (${model.weightMode})${layer === null ? "" : `, layer ${layer}`}`,
          ],
          ["trials", `${trials} in ${arms.length} arms${latents === 0 ? "" : `, ${latents} latents`}`],
          ["judge", judge],
          ...(target === null
            ? []
            : ([["target", `first attempts are to score ${short(target)} of 100`]] satisfies [
                string,
                string,
              ][])),
          ["success", `last score > first score + ${short(margin)}`],
          ["intervals", `${short(100 * level)} %`],
          ...(seed === null ? [] : ([["seed", String(seed)]] satisfies [string, string][])),
        ],
      },
      ...(report.imported === null
        ? []
        : [
            {
              kind: "text",
              text: importedText({ imported: report.imported, width: Number.MAX_SAFE_INTEGER }),
            } satisfies Block,
          ]),
      ...(warnings.length === 0 ? [] : [{ kind: "warnings", items: warnings } satisfies Block]),
    ],
  };
}

function resultSections({ report, figures }: { report: RunReport; figures: RunFigures }): Section[] {
  const { summary, families, comparisons, curves, activations } = report;
  const { calibration, manifest } = summary;
  const perFamily = families.flatMap((family, i) => [...shown(figures.paired[i]), ...familyBlocks(family)]);
  const detailed = comparisons.flatMap((comparison) => comparisonBlocks(comparison));
  return [
    { id: "rates", title: "Rates", blocks: [...shown(figures.rates), ratesTable(summary)] },
    { id: "denominators", title: "Denominators", blocks: countsBlocks(summary.arms) },
    { id: "first-scores", title: "First attempts", blocks: shown(figures.firstScores) },
    {
      id: "success",
      title: "What success hangs on",
      blocks: [...shown(figures.scoreChanges), ...robustnessBlocks(summary), ...recoveryBlocks(summary)],
    },
    {
      id: "comparisons",
      title: "Comparisons of arms",
      blocks: [...perFamily, ...(families.length === 0 ? shown(figures.paired[0]) : []), ...detailed],
    },
    {
      id: "curves",
      title: "Curves",
      blocks: curves.flatMap((curve, i) => [...shown(figures.curves[i]), ...curveBlocks(curve)]),
    },
    {
      id: "activations",
      title: "Activations around restarts",
      blocks: activations.flatMap((each, i) => [...shown(figures.timelines[i]), ...activationBlocks(each)]),
    },
    {
      id: "thresholds",
      title: "Thresholds",
      blocks:
        calibration.length === 0
          ? []
          : [
              ...shown(figures.thresholds),
              ...thresholdBlocks({ rows: calibration, target: manifest.target }),
            ],
    },
  ];
}

function judgeSection({
  report,
  figures,
  judgePairs,
}: {
  report: RunReport;
  figures: RunFigures;
  judgePairs: readonly JudgePair[];
}): Section {
  const { judgeSpent } = report;
  return {
    id: "judges",
    title: "Judges",
    blocks: [
      ...(judgeSpent === null ? [] : [{ kind: "text", text: judgeSpentText(judgeSpent) } satisfies Block]),
      ...shown(figures.agreement),
      ...judgePairs.map(judgePairBlocks),
    ],
  };
}

function readingSection({
  store,
  report,
  trials,
}: {
  store: RunStore;
  report: RunReport;
  trials: readonly TrialFacts[];
}): Section {
  const { arms, judge } = report.summary;
  return {
    id: "trials",
    title: "Trials to read",
    blocks: trialBlocks({
      arms,
      trials,
      latents: store.latents(),
      read: (key) => readJudged({ store, key, judge }),
    }),
  };
}

function shown(figure: Figure | null | undefined): Block[] {
  return figure === null || figure === undefined ? [] : [{ kind: "figure", figure }];
}
