/** Runs a program and collects what it wrote. */
import { spawn } from "node:child_process";

export interface CommandResult {
  /** Exit status; null if a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Rejects with the system's error (ENOENT where there is no such program) or the signal's. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  options: { signal?: AbortSignal | undefined },
) => Promise<CommandResult>;

/** `spawn` without a shell and without input. */
export const runCommand: RunCommand = (command, args, { signal }) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
