import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { STEERED_FILE, writeResults } from "../../test/support/reference-results.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isCode } from "../errors.ts";
import { importReference } from "../experiment/import-reference.ts";
import { summarise } from "../report/summarise.ts";
import { openRun } from "../store/open-store.ts";

type Json = z.infer<ReturnType<typeof z.json>>;
type Place = (string | number)[];

const ORIGINAL = z.json().parse(JSON.parse(readFileSync(STEERED_FILE, "utf8")));
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e300,
    2 ** 53,
    "",
    " ",
    "a\u0000b",
    "\ud83d",
    "NaN",
    [],
    {},
  ),
  // JSON values are what fast-check makes here
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

function placesOf(value: Json, at: Place = []): Place[] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const key = (name: string) => (Array.isArray(value) ? Number(name) : name);
  return [at, ...inner.flatMap(([name, each]) => placesOf(each, [...at, key(name)]))];
}

/** A copy with another value in one place, or without the place. */
function changed(value: Json, [first, ...rest]: Place, to: Json | undefined): Json {
  if (first === undefined || typeof value !== "object" || value === null) return to ?? null;
  const entries = Object.entries(value).flatMap(([name, each]): [string, Json][] => {
    if (name !== String(first)) return [[name, each]];
    return rest.length === 0 && to === undefined ? [] : [[name, changed(each, rest, to)]];
  });
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

/** Every trial's response with the scores as given; null where the file was refused. */
async function contentOf(results: Json): Promise<string[] | null> {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, "run");
  try {
    importReference({ files: [writeResults({ folder: folder.path, results })], dir, packageVersion: "1" });
  } catch (error) {
    if (isCode(error, "CONFIG_INVALID")) return null;
    throw error;
  }
  using store = openRun({ dir, mode: "read" });
  const arms = summarise({ store, replicates: 2 }).arms;
  const content = [...store.judged({ judge: "reference-raw/1" })].map(({ trial, judgement }) =>
    JSON.stringify([trial.latent, trial.seed, trial.text, judgement?.attempts.map(({ score }) => score)]),
  );
  expect(arms.reduce((sum, { counts }) => sum + counts.trials, 0)).toBe(content.length);
  return content;
}

it("whatever one value of a file is, the import is refused with a code or changes nothing but what hangs on it", async () => {
  const places = placesOf(ORIGINAL);
  const before = (await contentOf(ORIGINAL)) ?? expect.fail();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), fc.option(odd, { nil: undefined }), async (place, to) => {
      const after = await contentOf(changed(ORIGINAL, place, to));
      const [list, , trials, trial] = place;
      const inTrial = list === "results_by_feature" && trials === "trials" && trial !== undefined;
      if (after === null || !(inTrial || list === "experiment_config")) return;
      const kept = before.filter((each) => after.includes(each)).length;
      expect(kept).toBeGreaterThanOrEqual(before.length - (inTrial ? 1 : 0));
    }),
    { numRuns: 150 },
  );
});
