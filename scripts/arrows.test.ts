import { describe, expect, test } from "vitest";
import { findViolations, layerOf, MAX_LINES } from "./arrows.ts";

/** Violations of a tree given as path to text, as `path:line message`. */
function check(tree: Record<string, string>): string[] {
  const files = Object.entries(tree).map(([path, text]) => ({ path, text }));
  return findViolations(files).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

test("a tree whose imports point downwards is clean", () => {
  expect(
    check({
      "src/index.ts": 'export { run } from "./experiment/run.ts";\nexport { main } from "./cli/main.ts";\n',
      "src/cli/main.ts":
        'import { run } from "../experiment/run.ts";\nconsole.log(process.env["HOME"], run);\n',
      "src/server/api.ts": 'import { draw } from "../report/draw.ts";\nprocess.stderr.write(draw);\n',
      "src/experiment/run.ts":
        'import { open } from "../store/open.ts";\nimport { judge } from "../judge/judge.ts";\n',
      "src/report/draw.ts": 'import { wilson } from "../stats/wilson.ts";\n',
      "src/store/open.ts": 'import { isCode } from "../errors.ts";\n',
      "src/judge/judge.ts": 'import type { Engine } from "../engine/engine.ts";\nimport { z } from "zod";\n',
      "src/engine/llama/host.ts":
        'import { read } from "../../sae/read.ts";\nprocess.stderr.write("ready");\n',
      "src/sae/read.ts": 'import { chat } from "../model/chat.ts";\nimport "./dictionary.ts";\n',
      "src/stats/wilson.ts": 'import { isCode } from "../errors.ts";\n',
      "README.md": "Countersteer measures.\n",
    }),
  ).toEqual([]);
});

describe("an import that points upwards is found", () => {
  test.each([
    [
      "from engine to experiment",
      "src/engine/engine.ts",
      'import { a } from "../experiment/a.ts";',
      "experiment",
    ],
    ["as a type", "src/engine/engine.ts", 'import type { A } from "../experiment/a.ts";', "experiment"],
    ["as a re-export", "src/sae/a.ts", 'export * from "../engine/engine.ts";', "engine"],
    ["as a namespace", "src/stats/a.ts", 'import * as engine from "../engine/engine.ts";', "engine"],
    ["for its effect", "src/model/a.ts", 'import "../sae/a.ts";', "sae"],
    ["over several lines", "src/stats/a.ts", 'import {\n  a,\n  type B,\n} from "../sae/a.ts";', "sae"],
    ["at run time", "src/model/a.ts", 'const sae = await import("../sae/a.ts");', "sae"],
    ["as a program", "src/model/a.ts", 'fork(new URL("../engine/host.ts", import.meta.url));', "engine"],
    ["to the public index", "src/judge/a.ts", 'import { a } from "../index.ts";', "index"],
    ["out of a folder's depth", "src/engine/llama/a.ts", 'import { a } from "../../judge/a.ts";', "judge"],
    ["from a test", "src/stats/a.test.ts", 'import { a } from "../store/a.ts";', "store"],
    ["between neighbours", "src/judge/a.ts", 'import { a } from "../latents/a.ts";', "latents"],
    ["from the error tree", "src/errors.ts", 'import { a } from "./stats/a.ts";', "stats"],
    [
      "from an experiment to the command line",
      "src/experiment/a.ts",
      'import { a } from "../cli/a.ts";',
      "cli",
    ],
  ])("%s", (_, path, code, to) => {
    expect(check({ [path]: `/* a */\n${code}\n` })).toEqual([
      `${path}:2 ${layerOf(path)} may not import ${to}`,
    ]);
  });
});

test("the store takes errors and statistics, and of nothing else not even a type", () => {
  expect(check({ "src/store/a.ts": 'import type { A } from "../engine/a.ts";' })).toHaveLength(1);
  expect(check({ "src/store/a.ts": 'import { a } from "../judge/a.ts";' })).toHaveLength(1);
  expect(check({ "src/store/a.ts": 'import { a } from "../stats/a.ts";' })).toEqual([]);
});

test("a report takes types from judges and the engine, and values only from the store and statistics", () => {
  expect(check({ "src/report/a.ts": 'import type { A } from "../judge/a.ts";\n' })).toEqual([]);
  expect(check({ "src/report/a.ts": 'import { type A } from "../judge/a.ts";\n' })).toEqual([
    'src/report/a.ts:1 report may import only types from judge: write "import type"',
  ]);
  expect(check({ "src/report/a.ts": 'import { a } from "../experiment/a.ts";\n' })).toHaveLength(1);
});

test("an experiment may use fine-tuning, and fine-tuning no experiment", () => {
  expect(check({ "src/experiment/a.ts": 'import { a } from "../finetune/a.ts";\n' })).toEqual([]);
  expect(check({ "src/finetune/a.ts": 'import { a } from "../experiment/a.ts";\n' })).toHaveLength(1);
});

test("a folder without a layer is found", () => {
  expect(check({ "src/utils/a.ts": "" })).toEqual([
    'src/utils/a.ts:1 "utils" has no layer: give it one in scripts/arrows.ts',
  ]);
});

test("a source that imports a module outside src is found, a test may", () => {
  const code = 'import { temporaryFolder } from "../../test/support/temporary-folder.ts";\n';
  expect(check({ "src/sae/a.ts": code })).toEqual([
    "src/sae/a.ts:1 source imports test/support/temporary-folder.ts, which isn't published",
  ]);
  expect(check({ "src/sae/a.test.ts": code })).toEqual([]);
  expect(check({ "src/sae/a.ts": 'new URL("../../assets/sae", import.meta.url);\n' })).toEqual([]);
});

describe("printing and reading the environment is found", () => {
  test.each([
    ["console.error(1);"],
    ["const home = process.env.HOME;"],
    ['const home = process["env"];'],
    ["const { env } = process;"],
    ["const { log } = console;"],
    ['process.stdout.write("a");'],
    ["process . stderr.isTTY;"],
    ['import { env } from "node:process";'],
    ["const a = 1; // why\nconsole.log(a);"],
  ])("%s", (code) => {
    expect(check({ "src/stats/a.ts": code })).toHaveLength(1);
    expect(check({ "src/cli/a.ts": code })).toEqual([]);
  });

  test("the engine's child processes write to stderr and nowhere else", () => {
    expect(check({ "src/engine/llama/host.ts": "process.stderr.write(String(process.argv));" })).toEqual([]);
    expect(check({ "src/engine/llama/host.ts": "console.log(1);" })).toHaveLength(1);
    expect(check({ "src/engine/llama/host.ts": "const home = process.env.HOME;" })).toHaveLength(1);
    expect(check({ "src/engine/llama/batcher.ts": "process.stderr.write(text);" })).toHaveLength(1);
  });

  test("other uses of the process and mentions in comments are not", () => {
    expect(
      check({
        "src/stats/a.ts":
          '/** Never process.env. */\nconst os = process.platform; // not console.log\nconst { node } = process.versions;\nconst url = "http://a.b";\n',
      }),
    ).toEqual([]);
  });
});

test("a file over the limit is found, one at the limit and a long test are not", () => {
  const lines = (count: number) => "a;\n".repeat(count);
  expect(check({ "src/sae/a.ts": lines(MAX_LINES) })).toEqual([]);
  expect(check({ "src/sae/a.ts": lines(MAX_LINES + 1) })).toEqual([
    `src/sae/a.ts:${MAX_LINES + 1} ${MAX_LINES + 1} lines, at most ${MAX_LINES}: split it`,
  ]);
  expect(check({ "scripts/a.ts": lines(MAX_LINES + 1) })).toHaveLength(1);
  expect(check({ "bench/peers/a.py": lines(MAX_LINES + 1) })).toHaveLength(1);
  expect(check({ "src/sae/a.test.ts": lines(MAX_LINES + 1) })).toEqual([]);
});

test("the name of a package registry is found in any file, at its line", () => {
  const host = ["registry", "npmjs", "org"].join(".");
  expect(check({ "docs/install.md": `a\n\nnpm --registry https://${host}/\n` })).toEqual([
    "docs/install.md:3 names a package registry: leave the address to the package manager's own configuration",
  ]);
  expect(check({ "docs/install.md": `https://${host.toUpperCase()}` })).toHaveLength(1);
  expect(check({ "docs/install.md": "https://huggingface.co and npm and pip" })).toEqual([]);
});

test("violations come by path, then by line", () => {
  expect(
    check({
      "src/stats/b.ts": 'console.log(1);\nimport "../sae/a.ts";\n',
      "src/stats/a.ts": "\n\n\nconsole.log(1);\n",
    }).map((line) => line.split(" ")[0]),
  ).toEqual(["src/stats/a.ts:4", "src/stats/b.ts:1", "src/stats/b.ts:2"]);
});
