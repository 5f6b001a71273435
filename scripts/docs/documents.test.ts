import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseRecipe as parseDictionaryRecipe } from "../../src/activations/train/recipe.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { parseRecipe as parseAdapterRecipe } from "../../src/finetune/train/recipe.ts";
import { type CommandChecker, commandChecker } from "./check-command.ts";
import { type CodeBlock, codeBlocks, codeSpans } from "./code-blocks.ts";
import { commandLines } from "./command-lines.ts";
import { documents } from "./documents.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENTS = documents();
const BLOCKS = DOCUMENTS.flatMap((document) => codeBlocks(document));
const SHELL = new Set(["sh", "bash", "", "indented"]);
/** What can be run; the model tests run it unless a mark says why not. */
const PROGRAMS = new Set(["sh", "bash", "ts", "python"]);
const RUN_BY_A_TEST = new Set(["docs/getting-started.md", "docs/extending.md"]);

const placeOf = ({ file, line }: { file: string; line: number }) => `${file}:${line}`;
const ofLanguage = (language: string) => BLOCKS.filter((block) => block.language === language);

describe("commands", () => {
  let checker: CommandChecker;
  // every command's module is loaded
  beforeAll(async () => {
    checker = await commandChecker();
  }, 300_000);

  test("the checker refuses what the program would refuse", async () => {
    expect(await checker.check(["run", "demo", "--seed", "1"])).toBeNull();
    for (const words of [
      ["runs"],
      ["run"],
      ["run", "demo", "--sed", "1"],
      ["run", "demo", "--seed", "-1"],
      ["run", "demo", "other"],
      ["judge", "labels"],
      ["merge"],
    ]) {
      expect(await checker.check(words), words.join(" ")).not.toBeNull();
    }
    expect(await checker.checkMention(["run"])).toBeNull();
    expect(await checker.checkMention(["judge", "labels"])).toBeNull();
    expect(await checker.checkMention(["run", "--sed"])).not.toBeNull();
  });

  test("every command line in a block is one that the program takes", async () => {
    const refused: string[] = [];
    let found = 0;
    for (const { file, line, code } of BLOCKS.filter(({ language }) => SHELL.has(language))) {
      for (const { line: at, words } of commandLines(code)) {
        const refusal = await checker.check(words);
        if (refusal !== null) refused.push(`${file}:${line + at} ${words.join(" ")}: ${refusal}`);
        found++;
      }
    }
    expect(refused).toEqual([]);
    expect(found).toBeGreaterThan(100);
  });

  test("every command that running text mentions exists, with its flags", async () => {
    const refused: string[] = [];
    for (const { file, line, code } of DOCUMENTS.flatMap((document) => codeSpans(document))) {
      for (const { words } of commandLines(code)) {
        const refusal = await checker.checkMention(words);
        if (refusal !== null) refused.push(`${file}:${line} ${words.join(" ")}: ${refusal}`);
      }
    }
    expect(refused).toEqual([]);
  });
});

describe("data", () => {
  test.each(ofLanguage("json").map((block) => [placeOf(block), block.code]))("%s is JSON", (_, code) => {
    for (const line of code.startsWith('{"') ? code.split("\n") : [code]) JSON.parse(line);
  });

  test.each(ofLanguage("yaml").map((block): [string, CodeBlock] => [placeOf(block), block]))(
    "%s is YAML that its reader accepts",
    (source, { file, code }) => {
      for (const document of parseAllDocuments(code, { uniqueKeys: true })) {
        expect(document.errors).toEqual([]);
        const settings: unknown = document.toJS();
        if (file === "docs/cluster.md") expect(settings).toHaveProperty("apiVersion");
        else if (file === "docs/finetune.md") parseAdapterRecipe({ settings, source });
        else if (file === "docs/sae.md") parseDictionaryRecipe({ settings, source });
        else parseConfig({ settings, source });
      }
    },
  );
});

test("TypeScript blocks compile against the public interface", { timeout: 600_000 }, () => {
  // below the repository, so that packages are found
  mkdirSync(path.join(ROOT, ".cache"), { recursive: true });
  const folder = mkdtempSync(path.join(ROOT, ".cache/doc-blocks-"));
  try {
    const blocks = ofLanguage("ts");
    expect(blocks.length).toBeGreaterThan(0);
    for (const [index, { code }] of blocks.entries()) writeFileSync(path.join(folder, `${index}.ts`), code);
    const compilerOptions = { paths: { countersteer: ["../../src/index.ts"] } };
    const config = { extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"] };
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(config));
    const compiler = path.join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
      encoding: "utf8",
    });
    // the sources are compiled with them, and have a check of their own
    expect(
      stdout
        .split("\n")
        .filter((line) => /^\S*doc-blocks-\S+\(/.test(line) || /error TS\d+: No inputs/.test(line)),
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a block that no test runs says why", () => {
  const programs = BLOCKS.filter(({ language }) => PROGRAMS.has(language));
  const silent = programs.filter(
    ({ file, notRun, saveAs }) => notRun === null && saveAs === null && !RUN_BY_A_TEST.has(file),
  );
  expect(silent.map(placeOf)).toEqual([]);
  // a new one should be a decision: is it really impossible to run it?
  const notRun = programs.filter((block) => block.notRun !== null);
  expect(notRun.map(({ file, notRun: why }) => `${file}: ${why}`)).toHaveLength(20);
});

describe("links", () => {
  const anchorOf = (heading: string) =>
    heading
      .replaceAll(/[`*]/g, "")
      .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
  const anchors = new Map(
    DOCUMENTS.map(({ file, text }) => [
      file,
      new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading))),
    ]),
  );

  test("every link within the repository leads somewhere", () => {
    const broken: string[] = [];
    for (const { file, text } of DOCUMENTS) {
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
        const [to = "", anchor] = target.split("#");
        const at = to === "" ? file : path.posix.join(path.posix.dirname(file), to);
        const known = anchors.get(at);
        const found = existsSync(path.join(ROOT, at));
        if (!found || (anchor !== undefined && known !== undefined && !known.has(anchor))) {
          broken.push(`${file}: ${target}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  test("docs/README.md leads to every page", () => {
    const index = DOCUMENTS.find(({ file }) => file === "docs/README.md")?.text ?? "";
    const pages = readdirSync(path.join(ROOT, "docs")).filter(
      (name) => name.endsWith(".md") && name !== "README.md",
    );
    expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });
});
