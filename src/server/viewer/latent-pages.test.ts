import { cpSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { manifestRecord, receiptRecord, trialRecord } from "../../../test/support/run-records.ts";
import { SAE_DATA } from "../../../test/support/sae-data.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { rawRequest, type TestViewer, testViewer } from "../../../test/support/viewer.ts";
import { CONTEXTS_FILE, writeContexts } from "../../latents/contexts-file.ts";
import { openDictionary, shippedDictionaries } from "../../sae/open-dictionary.ts";
import { createRun } from "../../store/open-store.ts";
import { latentDetailSchema, latentPageSchema, saeListSchema } from "./api/latents.ts";

const SHIPPED = "smollm2-135m-instruct.l15.8k";

/** One run with the shipped dictionary, one with a dictionary that is not here. */
function fill(runs: string): void {
  const shipped = openDictionary({ path: SHIPPED });
  const sae = { path: "/on/another/machine", hash: shipped.hash(), layer: 15, latents: 8192 };
  shipped.close();
  using known = createRun({ dir: path.join(runs, "known"), manifest: manifestRecord({ sae }) });
  known.putArms([{ name: "steered", content: { steer: "sae-latent" } }]);
  known.putLatents([{ latent: 7, label: "own words" }]);
  known.putThreshold({
    latent: 7,
    strength: 12.25,
    lower: 10,
    upper: 14,
    queries: [],
    stopped: "narrow",
    warning: null,
    verification: [],
  });
  known.putTrial(trialRecord({ latent: 7, strength: -12.25, receipt: receiptRecord(0.5) }));
  using other = createRun({ dir: path.join(runs, "other"), manifest: manifestRecord() });
  other.putLatents([{ latent: 4000, label: "a label of the run" }]);
}

async function ask(viewer: TestViewer, address: string): Promise<unknown> {
  const { status, body } = await rawRequest({ server: viewer.server, path: address });
  expect(status, body.slice(0, 300)).toBe(200);
  return JSON.parse(body);
}

test("dictionaries of the package come first, and those that only runs tell of come with what runs know", async () => {
  await using viewer = await testViewer({ fill, shipped: shippedDictionaries });
  const { saes } = saeListSchema.parse(await ask(viewer, "/api/saes"));
  expect(saes.map(({ name, latents, labelled }) => [name, latents, labelled])).toEqual([
    [SHIPPED, 8192, 8192],
    ["sae", 4096, 1],
  ]);
  const id = saes[1]?.id;
  const page = latentPageSchema.parse(await ask(viewer, `/api/saes/${id}/latents?search=RUN`));
  expect(page.rows.map(({ latent }) => latent)).toEqual([4000]);
  const detail = latentDetailSchema.parse(await ask(viewer, `/api/saes/${id}/latents/4000`));
  expect(detail).toMatchObject({ decoderNorm: null, dosePerStrength: null, contexts: [], concrete: null });
});

test("pages are parts of one sorted table, with what is unknown last in either direction", async () => {
  await using viewer = await testViewer({ fill, shipped: shippedDictionaries });
  const { saes } = saeListSchema.parse(await ask(viewer, "/api/saes"));
  const rows = async (id: string | undefined, query: string) =>
    latentPageSchema.parse(await ask(viewer, `/api/saes/${id}/latents?${query}`)).rows;
  const first = saes[0]?.id;
  const whole = await rows(first, "sort=density&direction=down&limit=100");
  expect(await rows(first, "sort=density&direction=down&limit=40&offset=60")).toEqual(whole.slice(60));
  const densities = whole.map(({ density }) => density ?? 0);
  expect(densities).toEqual(densities.toSorted((a, b) => b - a));
  for (const direction of ["up", "down"]) {
    const [top] = await rows(saes[1]?.id, `sort=label&direction=${direction}&limit=3`);
    expect(top?.label).toBe("a label of the run");
  }
  const detectors = await rows(first, "kind=detectors");
  expect(detectors.length).toBeGreaterThan(0);
  expect(
    detectors.every(({ detectorAuc }) => detectorAuc !== null && detectorAuc >= 0 && detectorAuc <= 1),
  ).toBe(true);
  expect((await rows(first, "kind=concrete")).every(({ concrete }) => concrete === true)).toBe(true);
  expect((await rows(first, "search=4710")).map(({ latent }) => latent)).toContain(4710);
});

test("a latent's dose of strength 1 is what the runs' receipts make of its length", async () => {
  await using viewer = await testViewer({ fill, shipped: shippedDictionaries });
  const { saes } = saeListSchema.parse(await ask(viewer, "/api/saes"));
  const detail = latentDetailSchema.parse(await ask(viewer, `/api/saes/${saes[0]?.id}/latents/7`));
  expect(detail.dosePerStrength).toBeCloseTo(0.5 / 12.25, 6);
  expect(detail.runs).toEqual([
    { run: expect.any(String), name: "known", role: "steered", threshold: 12.25 },
  ]);
  expect(
    (await rawRequest({ server: viewer.server, path: `/api/saes/${saes[0]?.id}/latents/8192` })).status,
  ).toBe(404);
});

test("texts in which a latent fires are shown where they lie beside the dictionary", async () => {
  await using folder = await temporaryFolder();
  const sae = path.join(folder.path, "mine");
  cpSync(`${SAE_DATA}/topk`, sae, { recursive: true });
  const tokens = [" a", " bee", " <b>hums</b>"];
  const context = { tokens, activations: [0, 2, 0.5], peak: 1, value: 2, position: 9, topic: null };
  const contexts = { index: 5, top: [context], sample: [] };
  await writeContexts({ path: path.join(sae, CONTEXTS_FILE), latents: [{ contexts }] });
  await using viewer = await testViewer({ shipped: () => new Map([["mine", sae]]) });
  const { saes } = saeListSchema.parse(await ask(viewer, "/api/saes"));
  const of = async (latent: number) =>
    latentDetailSchema.parse(await ask(viewer, `/api/saes/${saes[0]?.id}/latents/${latent}`));
  const detail = await of(5);
  expect(detail.contexts).toEqual([{ tokens, values: [0, 2, 0.5] }]);
  expect(detail.decoderNorm).toBeGreaterThan(0);
  expect(detail.dosePerStrength).toBe(null);
  expect((await of(6)).contexts).toEqual([]);
});
