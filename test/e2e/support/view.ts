/** `countersteer view` as a person starts it: the real command over a folder of runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const BIN = fileURLToPath(new URL("../../../bin/countersteer.js", import.meta.url));
const announcedSchema = z.object({ url: z.string(), link: z.string() });

export interface RunningView extends AsyncDisposable {
  url: string;
  /** The address with the token of this start. */
  link: string;
}

export async function startView({
  folder,
  args = [],
  cwd = process.cwd(),
}: {
  folder: string;
  args?: readonly string[];
  cwd?: string;
}): Promise<RunningView> {
  const child = spawn(process.execPath, [BIN, "--json", "view", folder, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let said = "";
  for await (const part of child.stdout) {
    said += String(part);
    if (said.includes("\n")) break;
  }
  return {
    ...announcedSchema.parse(JSON.parse(said)),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await ended;
    },
  };
}
