/** Flags that go over the settings of a preset or file. */
import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { CountersteerError, messageOf } from "../errors.ts";
import { parseConfig, type RunConfig } from "../experiment/config.ts";
import { DESIGNS } from "../experiment/design-list.ts";
import { findPreset, PRESET_NAMES } from "../experiment/presets.ts";
import { readShard } from "../experiment/shard.ts";
import { parseYaml } from "../model/parse-yaml.ts";
import type { Shard } from "../store/shard.ts";
import { addJudgeOptions, type JudgeFlags, judgePatch } from "./judge-options.ts";
import { realNumber, wholeNumber } from "./numbers.ts";
import {
  addMachineOptions,
  addModelOptions,
  addSaeOptions,
  addSeedOption,
  addServerOptions,
  type EngineFlags,
} from "./options.ts";
import { namedServers } from "./server-flags.ts";

export interface RunFlags extends EngineFlags, JudgeFlags {
  design?: string;
  latents?: number;
  trials?: number;
  limit?: number;
  maxTokens?: number;
  temperature?: number;
  target?: number;
  queries?: number;
  samples?: number;
  margin?: number;
  seed?: number;
  shard?: Shard;
  out?: string;
  reuse?: string;
  dryRun?: boolean;
  probe?: boolean;
}

export function addRunOptions(command: Command): Command {
  const number = (flag: string, name: string, text: string, min = 1) =>
    new Option(`${flag} <${name}>`, text).argParser(wholeNumber({ flag, min }));
  command
    .option("--design <names>", `designs, separated by commas: ${DESIGNS.map(({ name }) => name).join(", ")}`)
    .addOption(number("--latents", "n", "how many latents are steered"))
    .addOption(number("--trials", "n", "trials of each latent and arm"))
    .addOption(number("--limit", "n", "trials of each arm at most: takes fewer latents, then fewer trials"))
    .addOption(number("--max-tokens", "n", "longest response"))
    .addOption(
      new Option("--temperature <t>", "sampling temperature, 0 is greedy").argParser(
        realNumber({ flag: "--temperature", min: 0 }),
      ),
    )
    .addOption(
      new Option("--target <score>", "first-attempt score that steering should bring about").argParser(
        realNumber({ flag: "--target", min: 1, max: 99 }),
      ),
    )
    .addOption(number("--queries", "n", "most queries of a threshold search"))
    .addOption(number("--samples", "n", "samples of each query"))
    .addOption(
      new Option("--margin <points>", "least gain that counts as a success").argParser(
        realNumber({ flag: "--margin", min: 0 }),
      ),
    )
    .addOption(
      new Option(
        "--shard <i/n>",
        "do this part of the units only; `merge` puts the parts together",
      ).argParser(readShard),
    );
  addServerOptions(addModelOptions(addJudgeOptions(command)));
  return addSeedOption(addMachineOptions(addSaeOptions(command)));
}

export interface Settings {
  config: RunConfig;
  preset: string | null;
}

/** The settings of a preset or YAML file under the flags. Throws CONFIG_INVALID. */
export async function settingsOf({ source, flags }: { source: string; flags: RunFlags }): Promise<Settings> {
  const preset = findPreset(source);
  const base: unknown = preset ?? (await readYaml(source));
  if (typeof base !== "object" || base === null || Array.isArray(base)) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${source} holds no settings.`,
      why: "A configuration is a mapping of fields to values.",
      todo: "See docs/configuration.md for an example.",
      facts: { source },
    });
  }
  const given = Object.fromEntries(Object.entries(base));
  // designs that were named on the command line take the place of the file's
  const { design: _, ...others } = given;
  const settings = overlay(flags.design === undefined ? given : others, patchOf(flags));
  const config = parseConfig({ settings, source });
  return { config: limited(config, flags.limit), preset: preset ? source : null };
}

async function readYaml(source: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(source, "utf8"));
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `There is no preset "${source}", and it can't be read as a YAML file.`,
      why: `${messageOf(cause)}.`,
      todo: `Give a file, or one of the presets ${PRESET_NAMES.join(", ")}.`,
      facts: { source, presets: PRESET_NAMES },
      cause,
    });
  }
}

type Tree = Record<string, unknown>;

function patchOf(flags: RunFlags): Tree {
  return {
    designs: flags.design?.split(",").map((name) => name.trim()),
    engine: namedServers(flags) ?? undefined,
    model: flags.model,
    weights: flags.weights,
    sae: flags.sae,
    layer: flags.layer,
    allowLayerMismatch: flags.allowLayerMismatch,
    latents: { count: flags.latents },
    trialsPerLatent: flags.trials,
    sampling: { maxTokens: flags.maxTokens, temperature: flags.temperature },
    threshold: { target: flags.target, maxQueries: flags.queries, samples: flags.samples },
    judge: judgePatch(flags),
    margin: flags.margin,
    seed: flags.seed,
    shard: flags.shard,
  };
}

/** `patch` over `base`; what is undefined in the patch stays as it was. */
function overlay(base: Tree, patch: Tree): Tree {
  const merged: Tree = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const below = merged[key];
      const inner = overlay(typeof below === "object" && below !== null ? { ...below } : {}, { ...value });
      if (Object.keys(inner).length > 0) {
        merged[key] = inner;
      }
    } else if (value !== undefined) {
      merged[key] = value;
    }
  }
  return merged;
}

/** Fewer latents rather than fewer trials of each: latents are what varies. */
function limited(config: RunConfig, limit: number | undefined): RunConfig {
  if (limit === undefined) {
    return config;
  }
  const trialsPerLatent = Math.min(config.trialsPerLatent, limit);
  const count = Math.max(1, Math.min(config.latents.count, Math.floor(limit / trialsPerLatent)));
  return { ...config, trialsPerLatent, latents: { ...config.latents, count } };
}
