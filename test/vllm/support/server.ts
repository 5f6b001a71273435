/** A real vLLM server with our plug-in on this machine's CPU, from the virtual environment in .cache/vllm-venv or COUNTERSTEER_VLLM_PYTHON. */
import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startCommand } from "../../../src/engine/vllm/start-command.ts";
import { assetPath } from "../../../src/sae/asset-path.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const VENV = join(ROOT, ".cache/vllm-venv");

/** Python that has vLLM; null where there is none. */
export function vllmPython(env: NodeJS.ProcessEnv = process.env): string | null {
  const given = env.COUNTERSTEER_VLLM_PYTHON;
  if (given !== undefined) return given;
  return existsSync(join(VENV, "READY")) ? join(VENV, "bin/python") : null;
}

/** Tokens that a sequence may hold, and answers that are written at once: few, for prompts to wait and to be cut in chunks. */
const CONTEXT = 1024;
const SEQUENCES = 16;
const BATCHED_TOKENS = 256;
/** Folder that client and server share for dictionaries. */
export const SAE_ROOT = os.tmpdir();

export interface ServerPlace {
  port: number;
  /** Folder in Hugging Face's format. */
  model: string;
  /** Holds the log, and the id of the server's process. */
  state: string;
}

export interface ServerSettings {
  /** Answers that are written at once. */
  sequences?: number;
  /** Rows that the model computes at once. */
  batchedTokens?: number;
  /** Threads that the model computes with. @default vLLM's own choice */
  threads?: number;
}

/** Starts a server and waits until it answers. Its process id is in the file `pid` of the state folder. */
export async function startVllm({
  port,
  model,
  state,
  sequences = SEQUENCES,
  batchedTokens = BATCHED_TOKENS,
  threads,
}: ServerPlace & ServerSettings): Promise<void> {
  const python = vllmPython();
  if (python === null) throw new Error("there is no Python with vLLM");
  const { argv, environment } = startCommand({
    model,
    served: "smollm2-135m",
    parameters: null,
    quantization: null,
    gpuMemory: null,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    maxModelLen: CONTEXT,
    maxSequences: sequences,
    port,
    saes: [{ name: "l15", path: assetPath("smollm2-135m/sae/smollm2-135m-instruct.l15.8k") }],
    adapters: [],
    loraRank: 0,
  });
  await mkdir(temporaryOf(state), { recursive: true });
  const log = openSync(join(state, "server.log"), "a");
  const [, , ...flags] = argv;
  const [served, ...rest] = flags;
  const args = ["-m", "vllm.entrypoints.openai.api_server", "--model", served ?? "", ...rest];
  const child = spawn(python, [...args, "--max-num-batched-tokens", String(batchedTokens)], {
    // its own group, so that the processes that it starts go with it
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      ...process.env,
      ...environment,
      ...(threads === undefined ? {} : { VLLM_CPU_OMP_THREADS_BIND: coreList(threads) }),
      COUNTERSTEER_SAE_ROOT: SAE_ROOT,
      // a server that is killed leaves its sockets and logs, which go with this folder
      TMPDIR: temporaryOf(state),
    },
  });
  await writeFile(join(state, "pid"), String(child.pid));
  let exit: number | null = null;
  child.once("exit", (code) => {
    exit = code ?? -1;
  });
  child.unref();
  while (!(await answers(port))) {
    if (exit !== null) throw new Error(`the server ended with ${exit}; see ${join(state, "server.log")}`);
    await delay(1000);
  }
}

/** The first cores, as vLLM names them. */
function coreList(threads: number): string {
  return threads === 1 ? "0" : `0-${threads - 1}`;
}

function temporaryOf(state: string): string {
  return join(state, "tmp");
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    return false;
  }
}

/** Kills the server and all that it started, as a power cut would. */
export async function killVllm({ state }: Pick<ServerPlace, "state">): Promise<void> {
  const pid = Number(await readFile(join(state, "pid"), "utf8"));
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    return;
  }
  // the port is free once the group is gone
  for (let tries = 0; tries < 50 && isAlive(pid); tries++) await delay(100);
  await rm(temporaryOf(state), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
