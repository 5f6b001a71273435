/** Where results lie, and the documents that are made of them. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { alignedCsv } from "./activations.ts";
import { type DesignResult, designResultSchema } from "./excerpt.ts";
import { agreementSchema, type PublishedAgreement } from "./judges.ts";
import { alignedFile, curveCsv, curveFile, resultsPage } from "./page.ts";
import { refreshReproduction } from "./reproduction.ts";
import { RUNS } from "./stages.ts";

export const REPRODUCTION = fileURLToPath(new URL("../../docs/reproduction.md", import.meta.url));

export interface ResultsFolder {
  /** docs/results, or a copy of it. */
  out: string;
}

export function resultFile({ out }: ResultsFolder, design: string): string {
  return `${out}/${design}.json`;
}

export function judgesFile({ out }: ResultsFolder): string {
  return `${out}/judges.json`;
}

/** null before another judge has judged. */
export function storedAgreement(folder: ResultsFolder): PublishedAgreement | null {
  const file = judgesFile(folder);
  return existsSync(file) ? agreementSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

/** The stored results in the order of the runs; a design that was never run has none. */
export function storedResults(folder: ResultsFolder): DesignResult[] {
  return RUNS.flatMap(({ designs }) => designs).flatMap((design) => {
    const file = resultFile(folder, design);
    return existsSync(file) ? [designResultSchema.parse(JSON.parse(readFileSync(file, "utf8")))] : [];
  });
}

/** Every generated document, by its path in the folder. */
export function pagesOf({
  results,
  agreement,
}: {
  results: readonly DesignResult[];
  agreement: PublishedAgreement | null;
}): Map<string, string> {
  return new Map([
    ["README.md", resultsPage({ results, agreement })],
    ...results.flatMap((result) =>
      result.curves.map((_, index): [string, string] => [
        curveFile(result.design, index),
        curveCsv({ result, index }),
      ]),
    ),
    ...results.flatMap(({ design, activations }) =>
      activations.map((each, index): [string, string] => [alignedFile(design, index), alignedCsv(each)]),
    ),
  ]);
}

export async function writePages(folder: ResultsFolder): Promise<void> {
  const results = storedResults(folder);
  for (const [file, text] of pagesOf({ results, agreement: storedAgreement(folder) }))
    await writeFile(`${folder.out}/${file}`, text);
  const text = readFileSync(REPRODUCTION, "utf8");
  await writeFile(REPRODUCTION, refreshReproduction({ text, results }));
}
