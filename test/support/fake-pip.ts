/** A directory of executable scripts that stand in for pip: real processes, real files, no network. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunCommand, runCommand } from "../../src/model/run-command.ts";

export interface FakePip {
  /** Runs the scripts of this directory and nothing else. */
  run: RunCommand;
  /** The command lines that were run. */
  lines: string[];
}

/** Each script is the body of a Node program; `argv` is its command line, `dest` the value of `--dest`. */
export async function fakePip({
  folder,
  scripts,
}: {
  folder: string;
  scripts: Record<string, string>;
}): Promise<FakePip> {
  await mkdir(folder, { recursive: true });
  for (const [name, body] of Object.entries(scripts)) {
    const head = `#!${process.execPath}\nconst argv = process.argv.slice(2);\nconst dest = argv[argv.indexOf("--dest") + 1];\n`;
    await writeFile(join(folder, name), `${head}${body}\n`);
    await chmod(join(folder, name), 0o755);
  }
  const lines: string[] = [];
  const run: RunCommand = (command, args, options) => {
    lines.push([command, ...args].join(" "));
    return runCommand(join(folder, command), args, options);
  };
  return { run, lines };
}

/** Script: puts a copy of this wheel where pip would. */
export function deliver(wheel: string): string {
  const name = JSON.stringify("llm_tiny-1.0-py3-none-any.whl");
  return `require("fs").copyFileSync(${JSON.stringify(wheel)}, require("path").join(dest, ${name}));`;
}

/** Script: fails as pip does. */
export function fail(stderr: string, status = 1): string {
  return `process.stderr.write(${JSON.stringify(`${stderr}\n`)}); process.exitCode = ${status};`;
}
