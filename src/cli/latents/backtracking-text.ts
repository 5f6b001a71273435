/** What `latents backtracking` found, as text. */
import type { BacktrackingFile } from "../../latents/backtracking/backtracking-file.ts";
import { renderTable } from "../../report/render-table.ts";

const SHOWN = 16;
const LABEL_WIDTH = 36;

export function backtrackingText({ file, out }: { file: BacktrackingFile; out: string }): string {
  return [...(file.latents.length === 0 ? ["No latent passes."] : tableOf(file)), ...notes(file), out].join(
    "\n",
  );
}

function tableOf(file: BacktrackingFile): string[] {
  const more = file.latents.length - SHOWN;
  const table =
    file.by === "label"
      ? renderTable({
          head: ["latent", "score", "label", "found"],
          rows: file.latents
            .slice(0, SHOWN)
            .map(({ latent, score, label, found }) => [
              String(latent),
              String(score),
              label.slice(0, LABEL_WIDTH),
              found.join(", "),
            ]),
          color: false,
          align: ["right", "right", "left", "left"],
        })
      : renderTable({
          head: ["latent", "label", "in phrase", "elsewhere", "higher in", "d_z", "z", "q"],
          rows: file.latents
            .slice(0, SHOWN)
            .map(({ latent, label, meanPhrase, meanOther, higher, dz, z, q }) => [
              String(latent),
              (label ?? "").slice(0, LABEL_WIDTH),
              meanPhrase.toPrecision(3),
              meanOther.toPrecision(3),
              `${(100 * higher).toFixed(0)} %`,
              dz?.toFixed(2) ?? "-",
              z.toFixed(1),
              q < 0.001 ? q.toExponential(0) : q.toFixed(3),
            ]),
          color: false,
          align: ["right", "left", "right", "right", "right", "right", "right", "right"],
        });
  return [table, ...(more > 0 ? [`and ${more} more`] : [])];
}

function notes(file: BacktrackingFile): string[] {
  if (file.by === "label") {
    return [
      `${file.latents.length} latents by their labels alone: nothing was read. Labels of words ("sorry") say what a latent fires on, not what it does.`,
    ];
  }
  const { eligible, tested, texts, settings } = file;
  return [
    `${file.latents.length} of ${eligible} latents that pass at a false discovery rate of ${settings.alpha}, of ${tested} tested, on ${texts} restarts (${settings.source.join(", ")})`,
    ...(settings.source.includes("made")
      ? [
          "The restarts were made of the model's own answers: they show what fires on reading that one starts over.",
        ]
      : []),
  ];
}
