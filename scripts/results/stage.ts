/** The steps of `npm run results`: each is a command as a user would type it, and is not done again where its outcome is there. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openRun } from "../../src/store/open-store.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/countersteer.js", import.meta.url));

export interface Folders {
  /** Runs and what is made on the way; kept between calls. */
  work: string;
  /** Committed outcomes. */
  out: string;
}

export interface Stage {
  name: string;
  done: (folders: Folders) => boolean;
  /** Arguments of the program, one list a call. */
  commands: (folders: Folders) => string[][];
}

/** A step that makes one file. */
export function fileStage({
  name,
  file,
  command,
}: {
  name: string;
  file: (folders: Folders) => string;
  command: (folders: Folders) => string[];
}): Stage {
  return {
    name,
    done: (folders) => existsSync(file(folders)),
    commands: (folders) => [[...command(folders), "--out", file(folders)]],
  };
}

/** A step that is a run: begun, or gone on with where it was cut off. */
export function runStage({
  name,
  config,
  reuse,
}: {
  name: string;
  config: (folders: Folders) => string;
  /** Name of a run before it with the same latents and thresholds. */
  reuse?: string;
}): Stage {
  const dir = ({ work }: Folders) => `${work}/${name}`;
  return {
    name,
    done: (folders) => isFinished(dir(folders)),
    commands: (folders) => [
      existsSync(`${dir(folders)}/run.sqlite`)
        ? ["resume", dir(folders)]
        : [
            ...["run", config(folders), "--out", dir(folders)],
            ...(reuse === undefined ? [] : ["--reuse", `${folders.work}/${reuse}`]),
          ],
    ],
  };
}

export function isFinished(dir: string): boolean {
  if (!existsSync(`${dir}/run.sqlite`)) return false;
  using store = openRun({ dir, mode: "read" });
  return store.events({ kind: "finished" }).length > 0;
}

/** Throws where the program fails; what was done stays. */
export async function call(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new Error(`countersteer ${args.join(" ")} ended with ${code}.`);
}

/** What the program answers with --json. */
export async function ask(args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [PROGRAM, ...args, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`countersteer ${args.join(" ")} ended with ${code}.`);
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}
