/** Small runs of the real command line on real weights, judged by a scripted judge over HTTP so that nothing has to be calibrated. */
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunningCli, type StartOptions, startCli } from "../../model/support/cli.ts";
import { type LlmServer, startLlmServer } from "../llm-server.ts";
import { scriptedJudge } from "../scripted-judge.ts";
import { type TemporaryFolder, temporaryFolder } from "../temporary-folder.ts";
import { type KeptTrial, trialsOf } from "./toy-runs.ts";

interface ModelRunOptions extends Omit<StartOptions, "args"> {
  dir: string;
  flags?: string[];
}

export class ModelRuns implements AsyncDisposable {
  readonly folder: string;
  readonly #home: TemporaryFolder;
  readonly #judge: LlmServer;

  private constructor({ home, judge }: { home: TemporaryFolder; judge: LlmServer }) {
    this.folder = home.path;
    this.#home = home;
    this.#judge = judge;
  }

  /** `cacheDir` has the weights. */
  static async open({ cacheDir }: { cacheDir: string }): Promise<ModelRuns> {
    const home = await temporaryFolder();
    const cache = join(home.path, "cache");
    await mkdir(cache);
    for (const name of await readdir(cacheDir)) {
      // answers of a judge that is gone after the tests are nobody's
      if (name !== "llm") await symlink(join(cacheDir, name), join(cache, name));
    }
    await writeFile(
      join(home.path, "tiny.yaml"),
      [
        "designs: [baseline, esr]",
        "latents: {indices: [2316, 607]}",
        "threshold: {range: [40, 40.001], priorMean: 40, priorStd: 0.001, samples: 1, minQueries: 1, maxQueries: 1, verifySamples: 0, maxTokens: 8}",
        "trialsPerLatent: 5",
        "sampling: {maxTokens: 16}",
        "judge: {kind: llm, provider: compatible, model: scripted, blind: true, maxRetries: 0}",
      ].join("\n"),
    );
    return new ModelRuns({ home, judge: await startLlmServer({ answer: scriptedJudge }) });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** One engine process with few slots, so that a fault meets an unfinished run. */
  start({ dir, flags = [], ...rest }: ModelRunOptions): RunningCli {
    const args = ["run", this.path("tiny.yaml"), "--out", dir, "--judge-base-url", this.#judge.url];
    return startCli({ ...rest, args: [...args, ...this.#common(), ...flags] });
  }

  resume({ dir, flags = [], ...rest }: ModelRunOptions): RunningCli {
    return startCli({ ...rest, args: ["resume", dir, ...this.#common(), ...flags] });
  }

  /** The trials of a run that nothing disturbs. */
  async undisturbed(): Promise<Map<string, KeptTrial>> {
    const dir = this.path("undisturbed");
    const { code, stdout, stderr } = await this.start({ dir }).ended;
    if (code !== 0) throw new Error(`the undisturbed run failed: ${stdout}${stderr}`);
    return trialsOf(dir);
  }

  #common(): string[] {
    const machine = ["--workers", "1", "--threads", "1", "--slots", "4"];
    return [...machine, "--cache-dir", this.path("cache"), "--json"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#judge[Symbol.asyncDispose]();
    await this.#home[Symbol.asyncDispose]();
  }
}
