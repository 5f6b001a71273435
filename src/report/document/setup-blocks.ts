/** What the numbers come from: thresholds, arms, settings and hashes. Of paths only the last part is shown, for reports are passed on. */
import { posix, win32 } from "node:path";
import { canonicalJson } from "../../store/canonical-json.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { ArmRecord } from "../../store/records.ts";
import type { CalibrationRow } from "../calibration-rows.ts";
import { bounds, fixed, short } from "../number-text.ts";
import { type Block, tableBlock, text } from "./blocks.ts";

export function thresholdBlocks({
  rows,
  target,
}: {
  rows: readonly CalibrationRow[];
  target: number | null;
}): Block[] {
  const verified = rows.flatMap(({ verification: { mean, n } }) =>
    mean === null ? [] : [{ sum: mean * n, n }],
  );
  const n = verified.reduce((sum, each) => sum + each.n, 0);
  const mean = n === 0 ? null : verified.reduce((sum, each) => sum + each.sum, 0) / n;
  return [
    ...(mean === null
      ? []
      : [
          text(
            `${n} fresh answers at the thresholds score ${fixed(mean)} on average${target === null ? "" : `; the target is ${short(target)}`}.`,
          ),
        ]),
    tableBlock({
      caption: "Thresholds",
      head: [
        "latent",
        "label",
        "search",
        "threshold",
        "90 %",
        "queries",
        "scored samples",
        "verified mean",
        "verified n",
        "at an end",
      ],
      left: 3,
      rows: rows.map((row) => [
        String(row.latent),
        row.label ?? "",
        row.calibration,
        short(row.threshold),
        bounds(row),
        String(row.queries),
        String(row.scoredSamples),
        fixed(row.verification.mean),
        String(row.verification.n),
        row.saturation ?? "",
      ]),
    }),
  ];
}

export function provenanceBlocks({
  manifest,
  arms,
}: {
  manifest: Manifest;
  arms: readonly ArmRecord[];
}): Block[] {
  const { model, sae, prompts, judge, engine } = manifest;
  return [
    {
      kind: "terms",
      items: [
        ["design", manifest.design],
        ["preset", manifest.preset ?? "none"],
        ["begun", manifest.createdAt],
        [
          "Countersteer",
          `${manifest.packageVersion}, commit ${manifest.gitCommit ?? "unknown"}, Node ${manifest.nodeVersion}`,
        ],
        [
          "engine",
          Object.entries(engine)
            .map(([name, value]) => `${name} ${value}`)
            .join(", "),
        ],
        [
          "model",
          `${lastPart(model.path)}: ${model.architecture}, ${model.weightType} (${model.weightMode}), ${model.layers ?? "?"} layers of ${model.dModel ?? "?"}`,
        ],
        ["model hash", model.fileHash],
        ["template hash", manifest.templateHash],
        [
          "dictionary",
          sae === null
            ? "none"
            : `${lastPart(sae.path)}: layer ${sae.layer ?? "?"}, ${sae.latents ?? "?"} latents`,
        ],
        ...(sae === null ? [] : ([["dictionary hash", sae.hash]] satisfies [string, string][])),
        ["layer", manifest.layer === null ? "unknown" : String(manifest.layer)],
        ["prompts, evaluation", prompts.evaluation],
        ["prompts, held out", prompts.heldOut ?? "none"],
        ["judge", judge.id],
        ["judge hash", judge.hash],
        ["sampling", canonicalJson(manifest.sampling)],
        ["seed", manifest.seed === null ? "unknown" : String(manifest.seed)],
      ],
    },
    {
      kind: "folded",
      summary: "What makes each arm differ",
      blocks: [
        tableBlock({
          caption: "Arms as declared",
          head: ["arm", "content"],
          left: 2,
          rows: arms.map(({ name, content }) => [name, canonicalJson(content)]),
        }),
      ],
    },
    {
      kind: "folded",
      summary: "Every setting",
      blocks: [{ kind: "code", text: JSON.stringify(manifest.config, null, 2) }],
    },
    {
      kind: "folded",
      summary: "The judge",
      blocks: [{ kind: "code", text: JSON.stringify(judge.describe, null, 2) }],
    },
  ];
}

/** Of a path of any system. */
function lastPart(path: string): string {
  return posix.basename(win32.basename(path)) || path;
}
