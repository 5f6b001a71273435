/** `judge agreement`, `judge compare` and `judge labels` as a person calls them. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { expect, test } from "vitest";
import { runInProcess } from "../../../test/support/cli-in-process.ts";
import { makeResponsesRun, RESTART } from "../../../test/support/responses-run.ts";
import { attemptRecords, judgementRecord } from "../../../test/support/run-records.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { register } from "../judge.ts";

const run = (...args: string[]) => runInProcess({ register, args: ["judge", ...args] });

async function judgedRun() {
  const folder = await temporaryFolder();
  const dir = path.join(folder.path, "run");
  using store = makeResponsesRun({ dir, responses: 24 });
  for (const [i, trialKey] of [...store.trialKeys({ failed: false })].entries()) {
    store.putJudgement(
      judgementRecord({ trialKey, attempts: attemptRecords(i % 3 === 0 ? [10, 80] : [2 * i]) }),
    );
  }
  return { dir, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("a person's labels go out, come back, and are compared with the judge's", async () => {
  await using made = await judgedRun();
  const sheet = path.join(made.folder, "ada.csv");
  const exported = await run("labels", "export", made.dir, "--out", sheet, "--sample", "20");
  expect(exported.code, exported.stderr).toBe(0);
  const rows: Record<string, string>[] = parse(await readFile(sheet, "utf8"), { columns: true, bom: true });
  const filled = rows.map((row) =>
    row.response?.includes(RESTART)
      ? { ...row, restarts: RESTART, scores: "10\n80" }
      : { ...row, scores: "20" },
  );
  await writeFile(sheet, stringify(filled, { header: true }));

  const again = await run("labels", "export", made.dir, "--out", sheet, "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({
    error: { code: "CONFIG_INVALID", facts: { out: sheet } },
  });
  expect(parse(await readFile(sheet, "utf8"), { columns: true })).toEqual(filled);

  const imported = await run("labels", "import", made.dir, sheet, "--name", "ada", "--json");
  expect(JSON.parse(imported.stdout)).toMatchObject({ judge: "human-ada/1", added: 20 });
  const agreement = await run("agreement", made.dir, "--json", "--list", "3");
  expect(JSON.parse(agreement.stdout)).toMatchObject({
    pairs: [{ first: "likelihood/1", second: "human-ada/1", both: 20, multiAttempt: { estimate: 1 } }],
  });
  const compared = await run("compare", made.dir, "--judges", "like,ada", "--json");
  expect(JSON.parse(compared.stdout)).toMatchObject({ second: "human-ada/1" });
});

test("agreement and comparison print every judge with its failures", async () => {
  await using made = await judgedRun();
  const sheet = path.join(made.folder, "bob.csv");
  await run("labels", "export", made.dir, "--out", sheet, "--sample", "6");
  const rows: Record<string, string>[] = parse(await readFile(sheet, "utf8"), { columns: true, bom: true });
  await writeFile(
    sheet,
    stringify(
      rows.map((row) => ({ ...row, scores: "-" })),
      { header: true },
    ),
  );
  await run("labels", "import", made.dir, sheet, "--name", "bob");
  const { code, stdout } = await run("agreement", made.dir, "--list", "1");
  expect(code).toBe(0);
  expect(stdout).toMatch(/human-bob\/1 +0 +6 +0 +0 +0 +0 +18/);
  expect(stdout).toContain("second: no attempt");
  const compared = await run("compare", made.dir, "--judges", "like,bob", "--json");
  expect(JSON.parse(compared.stdout)).toMatchObject({ error: { code: "REQUEST_INVALID" } });
});

test("what is not two judges is refused with the names that there are", async () => {
  await using made = await judgedRun();
  const refusals: [string[], string][] = [
    [["agreement", made.dir], "REQUEST_INVALID"],
    [["compare", made.dir, "--judges", "like"], "CONFIG_INVALID"],
    [["compare", made.dir, "--judges", "like,carol"], "REQUEST_INVALID"],
    [["agreement", path.join(made.folder, "nowhere")], "RUN_NOT_FOUND"],
    [["labels", "import", made.dir, path.join(made.folder, "none.csv"), "--name", "ada"], "CONFIG_INVALID"],
    [["rejudge", made.dir], "CONFIG_INVALID"],
    [["rejudge", made.dir, "--judge", "likelihood", "--arm", "none", "--dry-run"], "REQUEST_INVALID"],
  ];
  for (const [args, code] of refusals) {
    const result = await run(...args, "--json");
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code } });
  }
});
