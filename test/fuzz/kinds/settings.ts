/** Run files in YAML, and presets under flags. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { parse, stringify } from "yaml";
import { addRunOptions, type RunFlags, settingsOf } from "../../../src/cli/run-options.ts";
import { CountersteerError } from "../../../src/errors.ts";
import { parseConfig } from "../../../src/experiment/config.ts";
import { PRESET_NAMES, PRESETS } from "../../../src/experiment/presets.ts";
import type { Draw } from "../../support/mutate.ts";
import type { Kind, Verdict } from "../kind.ts";
import { mutateText } from "../mutate-text.ts";
import { mutateValue, ODD_TEXTS, type Value } from "../mutate-value.ts";
import { same } from "../same.ts";

const FULL = `designs: [baseline, esr, { name: dose, levels: [0.5, 1, 1.5] }, { name: prefill }]
model: smollm2-135m
weights: fast
layer: 15
latents: { indices: [12, 40, 99], exclude: [3], minConcreteness: 65 }
threshold: { target: 30, samples: 3, minQueries: 4, maxQueries: 8, range: [0, 400] }
trialsPerLatent: 4
sampling: { temperature: 0.6, topP: 0.95, maxTokens: 64 }
judge: { kind: likelihood }
margin: 5
seed: 7
shard: { index: 1, count: 2 }
`;
const FILES = [FULL, ...Object.values(PRESETS).map((settings) => stringify(settings))];
const LAUGHS = Array.from(
  { length: 30 },
  (_, i) => `a${i}: &a${i} [${i === 0 ? "lol" : `*a${i - 1}, *a${i - 1}`}]`,
).join("\n");
/** What YAML has and JSON has not. */
const YAML_PARTS = [
  `${LAUGHS}\n`,
  "? [a, b]\n: c\n",
  "<<: { seed: 1 }\n",
  "seed: !!js/function 'process.exit()'\n",
  "seed: !!binary aGk=\n",
  "__proto__: { polluted: 1 }\n",
  "constructor: { prototype: { polluted: 1 } }\n",
  "---\nseed: 1\n",
  `seed: ${"[".repeat(5000)}\n`,
  `seed: ${"{a: ".repeat(3000)}\n`,
  "seed: 0x7fffffffffffffffffff\n",
  "seed: .inf\n",
  "margin: .nan\n",
  "seed: 1_000\n",
  "\tseed: 1\n",
  "seed: &x 1\nmargin: *x\n",
  "self: &s [*s]\n",
];

function damagedYaml(text: string, draw: Draw): string {
  const how = draw(4);
  // what is parsed here is one of the texts above
  if (how < 2) return stringify(mutateValue(parse(text) as Value, draw), { aliasDuplicateObjects: false });
  const part = YAML_PARTS[draw(YAML_PARTS.length)] ?? "";
  if (how === 2) return draw(2) === 0 ? part + text : text + part;
  return mutateText(text, draw);
}

/** Read again from its own JSON, a configuration is the same: nothing in it hangs on how it was written. */
async function readSettings(source: string, flags: RunFlags): Promise<Verdict> {
  const { config } = await settingsOf({ source, flags });
  const written = JSON.stringify(config);
  same(JSON.stringify(parseConfig({ settings: JSON.parse(written), source: "again" })), written);
  return null;
}

export const runFiles: Kind = {
  name: "run-file",
  input: "YAML run files",
  right: "its settings, written as JSON and read again, are the same",
  codes: /^CONFIG_INVALID$/,
  open: async (folder) => ({
    wholes: FILES.length,
    read: ({ whole, draw }) => {
      const path = join(folder, "run.yaml");
      const text = FILES[whole] ?? "";
      writeFileSync(path, draw === null ? text : damagedYaml(text, draw));
      return readSettings(path, {} as RunFlags);
    },
  }),
};

const FLAGS: readonly (readonly [string, string])[] = [
  ["--latents", "12"],
  ["--trials", "3"],
  ["--limit", "20"],
  ["--max-tokens", "64"],
  ["--temperature", "0.7"],
  ["--target", "30"],
  ["--queries", "6"],
  ["--samples", "2"],
  ["--margin", "2.5"],
  ["--seed", "11"],
  ["--shard", "1/3"],
  ["--design", "esr,baseline"],
  ["--layer", "15"],
  ["--weights", "fast"],
];
const VALUES = [
  "-1",
  "0",
  "1e3",
  "1.5",
  "99999999999999999999",
  "0x10",
  "NaN",
  "Infinity",
  "1/0",
  "esr,esr",
  "3/2",
  ...ODD_TEXTS,
];

function flagsOf(draw: Draw | null): string[] {
  if (draw === null) return FLAGS.flat();
  const chosen = Array.from({ length: 1 + draw(5) }, () => FLAGS[draw(FLAGS.length)] ?? ["--seed", "1"]);
  return chosen.flatMap(([flag, value]) => {
    const how = draw(6);
    if (how === 0) return [flag];
    return [
      flag,
      how < 4 ? (VALUES[draw(VALUES.length)] ?? "") : how === 4 ? mutateText(value, draw) : value,
    ];
  });
}

function parsedFlags(argv: string[]): RunFlags {
  const command = addRunOptions(new Command("run"))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    return command.parse(argv, { from: "user" }).opts<RunFlags>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new CountersteerError("CONFIG_INVALID", {
      what: error.message,
      why: "As the program says it.",
      todo: "-",
    });
  }
}

export const presetFlags: Kind = {
  name: "preset-flags",
  input: "presets under damaged flags",
  right: "its settings, written as JSON and read again, are the same",
  codes: /^CONFIG_INVALID$/,
  open: async () => ({
    wholes: PRESET_NAMES.length,
    read: async ({ whole, draw }) => {
      const name = PRESET_NAMES[whole] ?? "";
      const source = draw !== null && draw(8) === 0 ? mutateText(name, draw).slice(0, 200) : name;
      return await readSettings(source, parsedFlags(flagsOf(draw)));
    },
  }),
};
