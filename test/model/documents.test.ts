/** The commands and files of the guides, run as they stand there, in their order, in one folder. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { codeBlocks } from "../../scripts/docs/code-blocks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GUIDES = ["docs/getting-started.md", "docs/extending.md"];
let folder: string;

/** A folder in which `npx countersteer` is this checkout, and `countersteer` can be imported. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "countersteer-guides-"));
  for (const name of ["bin", "package", "node_modules", "models"]) mkdirSync(path.join(folder, name));
  const run = `exec "${process.execPath}"`;
  const scripts = {
    node: `${run} "$@"`,
    npx: `program="$1"; shift\n[ "$program" = node ] && ${run} "$@"\n[ "$program" = countersteer ] && ${run} "${ROOT}bin/countersteer.js" "$@"\nexit 127`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const manifest = { name: "countersteer", type: "module", exports: "./index.ts" };
  writeFileSync(path.join(folder, "package/package.json"), JSON.stringify(manifest));
  const sources = pathToFileURL(path.join(ROOT, "src/index.ts")).href;
  writeFileSync(path.join(folder, "package/index.ts"), `export * from ${JSON.stringify(sources)};\n`);
  symlinkSync(path.join(folder, "package"), path.join(folder, "node_modules/countersteer"));
  symlinkSync(path.join(ROOT, "docs"), path.join(folder, "docs"));
  symlinkSync(inject("modelPath"), path.join(folder, "models/my-model.gguf"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function shell(code: string): { status: number | null; stdout: string; stderr: string } {
  const found = process.env.PATH ?? "";
  const env = {
    ...process.env,
    PATH: `${path.join(folder, "bin")}:${found}`,
    COUNTERSTEER_CACHE: inject("cacheDir"),
  };
  return spawnSync("sh", ["-e", "-c", code], { cwd: folder, env, encoding: "utf8" });
}

describe.each(GUIDES)("%s", (file) => {
  const blocks = codeBlocks({ file, text: readFileSync(path.join(ROOT, file), "utf8") });
  const steps = blocks.filter(
    ({ notRun, language, saveAs }) => notRun === null && (saveAs !== null || language === "sh"),
  );

  test.each(steps.map((block): [number, typeof block] => [block.line, block]))(
    "line %i",
    (_, { code, saveAs }) => {
      if (saveAs !== null) {
        writeFileSync(path.join(folder, saveAs), code);
        return;
      }
      const { status, stdout, stderr } = shell(code);
      expect(status, stderr).toBe(0);
      expect(stdout).not.toBe("");
    },
  );
});

test("what the guides promise is there in the end", () => {
  for (const name of ["first.html", "first.csv", "my-directions/cfg.json"]) {
    expect(existsSync(path.join(folder, name)), name).toBe(true);
  }
  expect(readFileSync(path.join(folder, "first.csv"), "utf8").split("\n").length).toBeGreaterThan(8);
  expect(shell("npx countersteer judge agreement runs/first --json").stdout).toContain("shared-words/1");
});
