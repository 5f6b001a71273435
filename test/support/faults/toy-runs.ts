/**
 * Runs of the real command line that need no weights: a toy server for the engine, a scripted judge over HTTP. Answers depend on their request
 * alone, so a run that met a fault has to end with the trials of one that met none.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isOutage } from "../../../src/judge/judge.ts";
import { openRun } from "../../../src/store/open-store.ts";
import { type RunningCli, type StartOptions, startCli } from "../../model/support/cli.ts";
import { unitRows, writeStandard } from "../../model/support/dictionaries.ts";
import { type LlmServer, startLlmServer } from "../llm-server.ts";
import { scriptedJudge } from "../scripted-judge.ts";
import { type TemporaryFolder, temporaryFolder } from "../temporary-folder.ts";
import { D_MODEL } from "../vllm/toy-model.ts";
import { served } from "../vllm/toy-requests.ts";
import { startToyServer, type ToyServer, type ToyServerOptions } from "../vllm/toy-server.ts";

interface RunOptions extends Omit<StartOptions, "args"> {
  /** Folder of the run. */
  dir: string;
  server: ToyServer;
  /** @default the scripted judge's */
  judgeUrl?: string;
  flags?: string[];
}

/** What one test file needs; disposed of at its end. */
export class ToyRuns implements AsyncDisposable {
  readonly folder: string;
  readonly judge: LlmServer;
  readonly #home: TemporaryFolder;
  readonly #sae: string;
  readonly #settings: string;

  private constructor(parts: { home: TemporaryFolder; judge: LlmServer; sae: string; settings: string }) {
    this.folder = parts.home.path;
    this.judge = parts.judge;
    this.#home = parts.home;
    this.#sae = parts.sae;
    this.#settings = parts.settings;
  }

  static async open(): Promise<ToyRuns> {
    const home = await temporaryFolder();
    const rows = unitRows(6, D_MODEL);
    const bias = new Float32Array(6);
    const sae = await writeStandard({ folder: join(home.path, "sae"), encoder: rows, bias, decoder: rows });
    const settings = join(home.path, "toy.yaml");
    await mkdir(join(home.path, "cache"));
    await writeFile(
      settings,
      [
        "designs: [baseline, esr]",
        "model: toy",
        `sae: ${sae}`,
        "layer: 1",
        "latents: {indices: [0, 3, 5]}",
        "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 0, maxTokens: 16, range: [0, 100]}",
        "trialsPerLatent: 10",
        "sampling: {maxTokens: 24}",
        "judge: {kind: llm, provider: compatible, model: scripted, blind: true, concurrency: 4, maxRetries: 0}",
      ].join("\n"),
    );
    return new ToyRuns({ home, sae, settings, judge: await startLlmServer({ answer: scriptedJudge }) });
  }

  server(options: ToyServerOptions = {}): Promise<ToyServer> {
    return startToyServer({ saes: [served("l1", this.#sae)], ...options });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** `countersteer run`, four requests at a time so that a fault meets an unfinished run. */
  start({ dir, server, judgeUrl = this.judge.url, flags = [], ...rest }: RunOptions): RunningCli {
    const args = ["run", this.#settings, "--out", dir, "--url", server.url, "--in-flight", "4"];
    return startCli({ ...rest, args: [...args, "--judge-base-url", judgeUrl, ...this.#common(), ...flags] });
  }

  resume({ dir, server, flags = [], ...rest }: Omit<RunOptions, "judgeUrl">): RunningCli {
    return startCli({ ...rest, args: ["resume", dir, "--url", server.url, ...this.#common(), ...flags] });
  }

  /** The trials of a run that nothing disturbs. */
  async undisturbed(): Promise<Map<string, KeptTrial>> {
    const dir = this.path("undisturbed");
    await using server = await this.server();
    const { code, stdout, stderr } = await this.start({ dir, server }).ended;
    if (code !== 0) throw new Error(`the undisturbed run failed: ${stdout}${stderr}`);
    return trialsOf(dir);
  }

  #common(): string[] {
    return ["--cache-dir", join(this.folder, "cache"), "--json"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.judge[Symbol.asyncDispose]();
    await this.#home[Symbol.asyncDispose]();
  }
}

export interface KeptTrial {
  arm: string;
  unit: string;
  text: string;
  tokens: number[];
  receipt: unknown;
  error: unknown;
  /** What the judge said; null where it has not judged yet. */
  attempts: unknown;
}

/** Everything that a trial is, by its key. */
export function trialsOf(dir: string): Map<string, KeptTrial> {
  using store = openRun({ dir, mode: "read" });
  return new Map(
    [...store.judged()].map(({ trial: { key, arm, unit, text, tokens, receipt, error }, judgement }) => {
      // a judge that could not be reached has said nothing
      const attempts = judgement === null || isOutage(judgement) ? null : judgement.attempts;
      return [key, { arm, unit, text, tokens: [...tokens], receipt, error, attempts }];
    }),
  );
}

/** Trials stored so far; 0 where there is no run yet. */
function storedTrials(dir: string): number {
  try {
    using store = openRun({ dir, mode: "read" });
    return store.counts().trials;
  } catch {
    return 0;
  }
}

/** Waits until a running command has stored so many. Throws where it ended before. */
export async function untilStored({
  dir,
  trials,
  running,
}: {
  dir: string;
  trials: number;
  running: RunningCli;
}): Promise<void> {
  let ended = false;
  running.ended.then(() => {
    ended = true;
  });
  while (storedTrials(dir) < trials) {
    if (ended) throw new Error(`ended too early: ${JSON.stringify(await running.ended)}`);
    await delay(20);
  }
}
