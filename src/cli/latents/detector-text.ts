/** What `latents detectors` found, as text. */
import Table from "cli-table3";
import type { FoundDetectors } from "../../latents/detectors/detector-file.ts";

const SHOWN = 15;
const LABEL_WIDTH = 36;

export function detectorText({ file, out }: { file: FoundDetectors; out: string }): string {
  const { detectors, tested, eligible, prompts, derangements, settings } = file;
  const table = new Table({
    head: ["latent", "label", "AUC", "within", "q", "stable", "AUC confirm", "q confirm"],
    colAligns: ["right", "left", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { latent, label, sign, selection, stability, confirmation } of detectors.slice(0, SHOWN)) {
    table.push([
      latent,
      `${sign === -1 ? "(on topic) " : ""}${label ?? ""}`.slice(0, LABEL_WIDTH),
      selection.auc.toFixed(3),
      selection.pairedAuc.toFixed(3),
      small(selection.q),
      `${(100 * stability).toFixed(0)} %`,
      confirmation?.auc.toFixed(3) ?? "-",
      confirmation === null ? "-" : small(confirmation.q),
    ]);
  }
  const more = detectors.length > SHOWN ? [`and ${detectors.length - SHOWN} more`] : [];
  return [
    ...(detectors.length === 0 ? [] : [table.toString(), ...more]),
    `${detectors.length} detectors of ${eligible} latents that pass the rule, of ${tested} tested`,
    `${prompts.selection.length} prompts select (${derangements.selection} derangements), ${prompts.confirmation.length} confirm (${derangements.confirmation})`,
    ...notes({ file, alpha: settings.alpha }),
    out,
  ].join("\n");
}

function notes({ file, alpha }: { file: FoundDetectors; alpha: number }): string[] {
  const { detectors, rule, prompts } = file;
  if (detectors.length === 0) {
    return [
      "No latent passes: the model or this SAE may not tell off-topic answers, or there are too few prompts.",
    ];
  }
  if (prompts.confirmation.length === 0) {
    return [
      `Nothing confirms these: the rule "${rule}" uses every prompt to select, so its AUCs are too good. Give --hold-out 0.5 to see.`,
    ];
  }
  const failed = detectors.filter(({ confirmation }) => confirmation?.confirmed !== true);
  return failed.length === 0
    ? ["The other prompts confirm all of them."]
    : [
        `Not confirmed on the other prompts at ${alpha}: ${failed.length} of ${detectors.length} (${failed.map(({ latent }) => latent).join(", ")}). Take these for chance finds.`,
      ];
}

/** A corrected p. */
function small(q: number): string {
  return q < 0.001 ? q.toExponential(0) : q.toFixed(3);
}
