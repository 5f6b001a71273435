/** Where results lie, and the documents that are made of them. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { alignedCsv } from "./activations.ts";
import { evaluationSchema, type PublishedEvaluation } from "./evaluation.ts";
import { type DesignResult, designResultSchema } from "./excerpt.ts";
import { agreementSchema, type PublishedAgreement } from "./judges.ts";
import { alignedFile, curveCsv, curveFile, resultsPage } from "./page.ts";
import { refreshReproduction } from "./reproduction.ts";
import { RESULTS } from "./stages.ts";

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

export function evaluationFile({ out }: ResultsFolder, design: string): string {
  return `${out}/${design}-evaluation.json`;
}

/** By the result's name. */
export function storedEvaluations(folder: ResultsFolder): Map<string, PublishedEvaluation> {
  return new Map(
    RESULTS.flatMap((design): [string, PublishedEvaluation][] => {
      const file = evaluationFile(folder, design);
      return existsSync(file)
        ? [[design, evaluationSchema.parse(JSON.parse(readFileSync(file, "utf8")))]]
        : [];
    }),
  );
}

/** null before another judge has judged. */
export function storedAgreement(folder: ResultsFolder): PublishedAgreement | null {
  const file = judgesFile(folder);
  return existsSync(file) ? agreementSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

/** The stored results in the order of the runs; a design that was never run has none. */
export function storedResults(folder: ResultsFolder): DesignResult[] {
  return RESULTS.flatMap((design) => {
    const file = resultFile(folder, design);
    return existsSync(file) ? [designResultSchema.parse(JSON.parse(readFileSync(file, "utf8")))] : [];
  });
}

/** Every generated document, by its path in the folder. */
export function pagesOf({
  results,
  agreement,
  evaluations,
}: {
  results: readonly DesignResult[];
  agreement: PublishedAgreement | null;
  evaluations: ReadonlyMap<string, PublishedEvaluation>;
}): Map<string, string> {
  return new Map([
    ["README.md", resultsPage({ results, agreement, evaluations })],
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
  const documents = pagesOf({
    results,
    agreement: storedAgreement(folder),
    evaluations: storedEvaluations(folder),
  });
  for (const [file, text] of documents) await writeFile(`${folder.out}/${file}`, text);
  const text = readFileSync(REPRODUCTION, "utf8");
  await writeFile(REPRODUCTION, refreshReproduction({ text, results }));
}
