/** The real command line in its own process group, so that a test can kill all of it as a person or a machine would. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../../bin/countersteer.js", import.meta.url));

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  child: ChildProcess;
  ended: Promise<CliResult>;
  /** Standard error so far. */
  stderr: () => string;
}

export interface StartOptions {
  args: string[];
  cwd?: string;
  /** Added to this process's own. */
  env?: Record<string, string>;
  /** A program that starts the one after it, with its arguments. */
  through?: readonly string[];
  /** Of the user that it runs as. */
  uid?: number;
}

export function startCli({ args, cwd, env = {}, through = [], uid }: StartOptions): RunningCli {
  const [program, ...rest] = [...through, process.execPath, BIN, ...args];
  const child = spawn(program ?? process.execPath, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CliResult>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

export async function runCli(options: StartOptions): Promise<CliResult> {
  return await startCli(options).ended;
}

/** Every descendant of a process, found through /proc. */
export function descendants(pid: number): number[] {
  let children: number[];
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    children = text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return children.flatMap((child) => [child, ...descendants(child)]);
}
