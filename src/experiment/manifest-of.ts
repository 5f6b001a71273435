/** The manifest of a session: everything that a reader needs to trust a run or to repeat it (DESIGN.md 9). */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import type { Judge } from "../judge/judge.ts";
import { canonicalHash } from "../store/canonical-json.ts";
import { type Manifest, promptSetHash } from "../store/manifest.ts";
import { namesOf } from "./design-list.ts";
import type { Session } from "./session.ts";

export interface ManifestOptions {
  session: Session;
  judge: Judge;
  preset: string | null;
  now?: () => Date;
}

export async function manifestOf({
  session,
  judge,
  preset,
  now = () => new Date(),
}: ManifestOptions): Promise<Manifest> {
  const { config, engine, dictionary, prompts, layer, sampling } = session;
  const { path, fileHash, architecture, weightType, weightMode, layers, dModel } = engine.info;
  return {
    design: namesOf({ choices: config.designs }),
    preset,
    config,
    createdAt: now().toISOString(),
    packageVersion: await packageVersion(),
    gitCommit: await gitCommit(),
    nodeVersion: process.version,
    engine: engine.build,
    model: { path, fileHash, architecture, weightType, weightMode, layers, dModel },
    templateHash: session.templateHash,
    sae: {
      path: dictionary.path,
      hash: dictionary.hash(),
      layer: dictionary.layer,
      latents: dictionary.latents,
    },
    layer,
    prompts: { evaluation: promptSetHash(prompts.evaluation), heldOut: promptSetHash(prompts.heldOut) },
    sampling: { ...sampling },
    target: config.threshold.target,
    judge: { id: judgeId(judge), describe: judge.describe(), hash: canonicalHash(judge.describe()) },
    seed: config.seed,
  };
}

/** A judge's name as its judgements carry it. */
export function judgeId({ name, version }: Pick<Judge, "name" | "version">): string {
  return `${name}/${version}`;
}

const packageSchema = z.object({ version: z.string() });

async function packageVersion(): Promise<string> {
  const value: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  return packageSchema.parse(value).version;
}

/** The commit of a checkout; null where the package was installed. */
async function gitCommit(): Promise<string | null> {
  try {
    const cwd = new URL("../..", import.meta.url);
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd });
    return stdout.trim();
  } catch {
    return null;
  }
}
