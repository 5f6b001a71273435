/** `npm run crash -- --kills 200`: kills every command that users lose work by, and prints and stores what it found. */
import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "../../bench/machine.ts";
import { fire } from "./fire.ts";
import { type CrashResult, crashResultSchema } from "./result.ts";
import { crashTable } from "./table.ts";

const STORED = fileURLToPath(new URL("../../bench/results/crash.json", import.meta.url));
const USAGE = `npm run crash -- [--kills 200] [--seed 1] [--at-once 1] [--only "export (csv)"] [--out ${STORED}]`;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "1" },
    only: { type: "string" },
    out: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const { only } = values;
// a part of the commands is no result to publish
const out = values.out ?? (only === undefined ? STORED : null);
const [kills = 0, seed = 0, atOnce = 0] = [values.kills, values.seed, values["at-once"]].map(Number);

if (values.help || ![kills, seed, atOnce].every(Number.isInteger) || Math.min(kills, atOnce) < 1) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

const found = await fire({
  kills,
  seed,
  atOnce,
  ...(only === undefined ? {} : { only: (name: string) => name === only }),
  onLife: ({ workload, life, done, of }) => {
    const hit = life.kills.map(({ target, seconds }) => `${target} at ${seconds.toFixed(2)} s`).join(", ");
    console.log(
      `${workload} ${done}/${of}: ${hit || "not hit"}${life.problems.map((each) => `\n  ${each}`).join("")}`,
    );
  },
});
const result: CrashResult = crashResultSchema.parse({
  cell: "crash",
  date: new Date().toISOString(),
  machine: describeMachine(),
  seed,
  ...found,
});
console.log(`\n${crashTable(result)}`);
if (out !== null) {
  await writeFile(`${out}.part`, `${JSON.stringify(result, null, 2)}\n`);
  await rename(`${out}.part`, out);
}
if (result.lives.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
