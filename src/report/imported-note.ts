/** What a report of an imported run must say before any number: what was not checked, and what nobody wrote down. */
import { IMPORTED_EVENT, type Imported, importedSchema } from "../store/reference/imported-event.ts";
import { RAW_JUDGE, STRICT_JUDGE } from "../store/reference/manifest-of.ts";
import type { RunStore } from "../store/run-store.ts";
import { wrapText } from "./wrap-text.ts";

/** null for a run that was not imported. */
export function importedOf({ store }: { store: RunStore }): Imported | null {
  const [event] = store.events({ kind: IMPORTED_EVENT });
  const parsed = importedSchema.safeParse(event?.detail);
  return parsed.success ? parsed.data : null;
}

export function importedText({ imported, width }: { imported: Imported; width: number }): string {
  const { files, partialFiles, counts, attempts, differences, unknown } = imported;
  const { given, located, approximate, absent, flawedScores } = attempts;
  const sentences = [
    `Imported from ${files.join(", ")}.`,
    ...(partialFiles.length === 0 ? [] : [`Not every latent is in ${partialFiles.join(", ")}.`]),
    `Attempt boundaries are not verified: the judge's ${given} attempts were looked for in the responses. ${located} are there, ` +
      `${approximate} nearly or by their first words, ${absent} are not. ${STRICT_JUDGE} counts those that are there, ${RAW_JUDGE} all as given.`,
    ...(flawedScores === 0
      ? []
      : [`${flawedScores} attempts have a score that is no number from 0 to 100, and count as unscored.`]),
    ...(counts.failedFeatures === 0
      ? []
      : [
          `${counts.failedFeatures} of ${counts.features} latents (counted in each file) failed and have no trial that counts.`,
        ]),
    ...(counts.duplicates === 0
      ? []
      : [`${counts.duplicates} trials that stood in the files twice are kept once.`]),
    ...(counts.repeatedUnits === 0
      ? []
      : [
          `${counts.repeatedUnits} trials repeat a latent, prompt and seed of their arm; they pair in their order.`,
        ]),
    "Intervals of thresholds are the searched range.",
    ...differences.map((text) => `The files differ in ${text}.`),
    `Unknown: ${unknown.join(", ")}.`,
  ];
  return wrapText({ text: sentences.join(" "), width });
}
