/** The interface that the app reads, over runs that other processes go on writing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { z } from "zod";
import { makeReportRun, SECOND_JUDGE } from "../../../test/support/report-run.ts";
import { manifestRecord, trialRecord } from "../../../test/support/run-records.ts";
import { INDEX, openStream, rawRequest, testViewer } from "../../../test/support/viewer.ts";
import { createRun } from "../../store/open-store.ts";
import { problemSchema } from "./api/common.ts";
import { comparePageSchema } from "./api/compare.ts";
import { liveSchema, runListSchema, runPageSchema } from "./api/runs.ts";
import { sessionSchema } from "./api/session.ts";
import { trialActivationsSchema, trialDetailSchema, trialPageSchema } from "./api/trials.ts";

const WRITER = fileURLToPath(new URL("../../../test/support/trial-writer.ts", import.meta.url));

type Server = { port: number };

async function ask<T>(server: Server, address: string, schema: z.ZodType<T>): Promise<T> {
  const { status, body } = await rawRequest({ server, path: address });
  expect(status, `${address}: ${body.slice(0, 300)}`).toBe(200);
  return schema.parse(JSON.parse(body));
}

async function runIds(server: Server): Promise<string[]> {
  return (await ask(server, "/api/runs", runListSchema)).runs.map(({ id }) => id);
}

function reportRun(runs: string): void {
  makeReportRun({ dir: path.join(runs, "one") }).close();
}

test("session, list, page, trials and comparison are what the contract says", async () => {
  await using viewer = await testViewer({ fill: reportRun });
  const { server } = viewer;
  const session = await ask(server, "/api/session", sessionSchema);
  expect(session).toMatchObject({ version: "0.0.0", folder: viewer.runs });
  const { runs } = await ask(server, "/api/runs", runListSchema);
  expect(runs[0]?.run).toMatchObject({
    state: "stopped",
    trials: 144,
    errored: 36,
    judged: 108,
    design: "dose",
  });
  const id = runs[0]?.id ?? "";
  const page = await ask(server, `/api/runs/${id}`, runPageSchema);
  expect([page.shown, page.total]).toEqual([144, 144]);
  expect(page.choices.judges.map(({ judge }) => judge)).toContain(SECOND_JUDGE);
  expect(page.choices.latents.length).toBe(12);
  expect(page.choices.prompts.length).toBe(3);
  const table = await ask(server, `/api/runs/${id}/trials?arm=steered&limit=7&offset=3`, trialPageSchema);
  expect([table.total, table.offset, table.rows.length]).toEqual([36, 3, 7]);
  const compared = await ask(server, `/api/compare?run=${id}&arm=steered&arm2=strong`, comparePageSchema);
  expect(compared.comparison.pairs).toBe(36);
  const { table: cells } = compared.comparison;
  expect(compared.discordant.length).toBe(cells.onlyFirst + cells.onlySecond);
});

test("the rate of the list is that of the run's page, with the same interval", async () => {
  await using viewer = await testViewer({ fill: reportRun });
  const { runs } = await ask(viewer.server, "/api/runs", runListSchema);
  const page = await ask(viewer.server, `/api/runs/${runs[0]?.id}`, runPageSchema);
  const [steered] = page.report.summary.arms;
  const { successes, n, byLatent } = steered?.multiAttempt ?? {};
  const { estimate, lower, upper } = byLatent ?? {};
  expect(runs[0]?.run?.multiAttempt).toEqual({ successes, n, estimate, lower, upper });
});

test("a trial stands between its neighbours of the table that it was reached from, beside its unit in the other arms", async () => {
  await using viewer = await testViewer({ fill: reportRun });
  const { server } = viewer;
  const [id] = await runIds(server);
  const query = "arm=steered&sort=last&direction=down";
  const { rows } = await ask(server, `/api/runs/${id}/trials?${query}&limit=500`, trialPageSchema);
  for (const at of [0, 5, rows.length - 1]) {
    const key = encodeURIComponent(rows[at]?.key ?? "");
    const detail = await ask(server, `/api/runs/${id}/trials/${key}?${query}`, trialDetailSchema);
    expect(detail.previous).toBe(rows[at - 1]?.key ?? null);
    expect(detail.next).toBe(rows[at + 1]?.key ?? null);
    expect(detail.outcome).toBe(rows[at]?.outcome);
    expect(detail.paired.map(({ arm }) => arm)).toEqual(["strong", "weak", "silent"]);
    expect(detail.paired.at(-1)?.outcome).toBe("errored");
    expect(detail.judgements.map(({ judge }) => judge)).toEqual(["likelihood/1", SECOND_JUDGE]);
  }
});

test("one recorded latent comes token by token, without the prompt's rows, and null where there is no row", async () => {
  await using viewer = await testViewer({
    fill: (runs) => {
      using store = createRun({ dir: path.join(runs, "one"), manifest: manifestRecord() });
      store.putTrial(trialRecord({ key: "k", promptTokens: 2 }));
      const values = Float32Array.from([9, 9, 9, 9, 1, 2, 3, 4]);
      store.putActivations({ trialKey: "k", name: "watched", rows: 4, columns: [7, 11], values });
    },
  });
  const { server } = viewer;
  const [id] = await runIds(server);
  const { activations } = await ask(server, `/api/runs/${id}/trials/k`, trialDetailSchema);
  expect(activations).toEqual([
    {
      name: "watched",
      latents: [
        { latent: 7, label: null },
        { latent: 11, label: null },
      ],
    },
  ]);
  const address = `/api/runs/${id}/trials/k/activations/watched?latent=11`;
  const read = await ask(server, address, trialActivationsSchema);
  expect(read).toEqual({ name: "watched", latent: 11, values: [2, 4, null], max: 4 });
  for (const wrong of ["watched?latent=8", "other?latent=7"]) {
    expect((await rawRequest({ server, path: `/api/runs/${id}/trials/k/activations/${wrong}` })).status).toBe(
      404,
    );
  }
});

test("unequal runs don't compare unless that is allowed, and then the answer says in what they differ", async () => {
  await using viewer = await testViewer({
    fill: (runs) => {
      for (const [name, layer] of [
        ["a", 15],
        ["b", 16],
      ] as const) {
        using store = createRun({ dir: path.join(runs, name), manifest: manifestRecord({ layer }) });
        store.putArms([{ name: "steered", content: { steer: "sae-latent" } }]);
        store.putTrial(trialRecord({ key: "k" }));
      }
    },
  });
  const { server } = viewer;
  const [one, two] = await runIds(server);
  const address = `/api/compare?run=${one}&arm=steered&run2=${two}&arm2=steered`;
  const refused = await rawRequest({ server, path: address });
  expect(refused.status).toBe(409);
  expect(problemSchema.parse(JSON.parse(refused.body)).code).toBe("RUNS_UNEQUAL");
  const { comparison } = await ask(server, `${address}&allow=all`, comparePageSchema);
  expect(comparison.differences.map(({ field }) => field)).toEqual(["layer"]);
});

test("what can't be meant is refused with what is wrong about it", async () => {
  await using viewer = await testViewer({ fill: reportRun });
  const { server } = viewer;
  const [id] = await runIds(server);
  const refused: [address: string, status: number][] = [
    [`/api/runs/${id}?outcome=nice`, 400],
    [`/api/runs/${id}?judge=nobody`, 400],
    [`/api/runs/${id}?latent=-1`, 400],
    [`/api/runs/${id}?unknown=1`, 400],
    [`/api/runs/${id}/trials?limit=501`, 400],
    [`/api/runs/${id}/trials?sort=text`, 400],
    [`/api/runs/${id}/trials?offset=1.5`, 400],
    [`/api/runs/${id}/trials/nothing`, 404],
    [`/api/compare?run=${id}&arm=steered`, 400],
    [`/api/compare?run=${id}&arm=steered&arm2=nobody`, 400],
    ["/api/saes/nothing/latents", 404],
    ["/api/nothing", 404],
    ["/assets/nothing.js", 404],
  ];
  for (const [address, status] of refused) {
    const answer = await rawRequest({ server, path: address });
    expect(answer.status, address).toBe(status);
    expect(problemSchema.parse(JSON.parse(answer.body)).why).not.toBe("");
  }
});

test("any address of the app gives the app", async () => {
  await using viewer = await testViewer();
  for (const address of ["/", "/runs/abc?arm=x", "/latents/1/2", "/index.html"]) {
    expect((await rawRequest({ server: viewer.server, path: address })).body).toBe(INDEX);
  }
});

test("what another process writes is seen at once: in the list, in the table and in the live answer; and that it runs", async () => {
  await using viewer = await testViewer({
    fill: (runs) => createRun({ dir: path.join(runs, "growing"), manifest: manifestRecord() }).close(),
  });
  const { server } = viewer;
  const [id] = await runIds(server);
  const live = await openStream({ server, path: `/api/runs/${id}/live` });
  expect(liveSchema.parse((await live.next()).data)).toMatchObject({ state: "stopped", trials: 0 });
  const child = spawn(process.execPath, [WRITER, path.join(viewer.runs, "growing")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (let i = 0; i < 20; i++) await lines.next();
    const { runs } = await ask(server, "/api/runs", runListSchema);
    expect(runs[0]?.run?.state).toBe("running");
    expect(runs[0]?.run?.trials).toBeGreaterThanOrEqual(20);
    expect((await ask(server, `/api/runs/${id}/trials`, trialPageSchema)).total).toBeGreaterThanOrEqual(20);
    let seen = 0;
    while (seen < 20) {
      const { event, data } = await live.next();
      expect(event).toBe("progress");
      const { trials, judged } = liveSchema.parse(data);
      expect(trials).toBeGreaterThanOrEqual(seen);
      expect(judged).toBe(trials);
      seen = trials;
    }
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await expect
    .poll(async () => (await ask(server, "/api/runs", runListSchema)).runs[0]?.run?.state)
    .toBe("stopped");
  live.close();
});

test("a run that is made while the viewer runs is found, and so is one that is made anew in its place", async () => {
  await using viewer = await testViewer();
  const { server } = viewer;
  expect(await runIds(server)).toEqual([]);
  const dir = path.join(viewer.runs, "later", "run");
  createRun({ dir, manifest: manifestRecord({ design: "first" }) }).close();
  const [row] = (await ask(server, "/api/runs", runListSchema)).runs;
  expect([row?.name, row?.run?.design]).toEqual(["later/run", "first"]);
  rmSync(dir, { recursive: true });
  createRun({ dir, manifest: manifestRecord({ design: "second" }) }).close();
  const [again] = (await ask(server, "/api/runs", runListSchema)).runs;
  expect([again?.id, again?.run?.design]).toEqual([row?.id, "second"]);
});
