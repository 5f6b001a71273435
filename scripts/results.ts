/**
 * `npm run results`: runs every design on the default model, at a size for a laptop, and writes docs/results. What is there is not done
 * again, so it can be cut off and called again; `--write` only writes the documents of the runs that are there.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { evaluationSchema } from "./results/evaluation.ts";
import { excerpt } from "./results/excerpt.ts";
import { evaluationFile, judgesFile, resultFile, writePages } from "./results/files.ts";
import { agreementSchema } from "./results/judges.ts";
import { ask, call, type Folders, isFinished } from "./results/stage.ts";
import { judgesOf, RUNS, STAGES } from "./results/stages.ts";

const { values } = parseArgs({
  options: { write: { type: "boolean", default: false }, work: { type: "string" } },
});
const folders: Folders = {
  work: values.work ?? fileURLToPath(new URL("../.cache/results", import.meta.url)),
  out: fileURLToPath(new URL("../docs/results", import.meta.url)),
};

await mkdir(`${folders.out}/figures`, { recursive: true });
await mkdir(folders.work, { recursive: true });
if (!values.write) {
  for (const { name, done, commands } of STAGES) {
    if (done(folders)) {
      console.log(`${name}: there`);
      continue;
    }
    console.log(`${name}: begins`);
    for (const command of commands(folders)) await call(command);
  }
}

for (const { name, designs } of RUNS) {
  const dir = `${folders.work}/${name}`;
  if (!isFinished(dir)) {
    console.log(`${name}: no finished run in ${dir}; its stored results stay`);
    continue;
  }
  const found = excerpt({ report: await ask(["report", dir]), config: `config/${name}.yaml` });
  for (const result of found.filter(({ design }) => designs.includes(design))) {
    await writeFile(resultFile(folders, result.design), `${JSON.stringify(result, null, 1)}\n`);
    if (result.design === "finetune") await writeEvaluation({ dir, design: result.design });
  }
}
const judged = `${folders.work}/arms`;
if (isFinished(judged) && judgesOf(judged).length > 1) {
  const agreement = agreementSchema.parse(await ask(["judge", "agreement", judged, "--list", "0"]));
  await writeFile(judgesFile(folders), `${JSON.stringify(agreement, null, 1)}\n`);
}
await writePages(folders);

/** Opens the model, so what is stored stays where only documents are written. */
async function writeEvaluation({ dir, design }: { dir: string; design: string }): Promise<void> {
  const file = evaluationFile(folders, design);
  if (values.write && existsSync(file)) return;
  const evaluation = evaluationSchema.parse(await ask(["finetune", "evaluate", dir]));
  await writeFile(file, `${JSON.stringify(evaluation, null, 1)}\n`);
}
