/** `countersteer designs`: the experiments that a configuration can name. */
import type { Command } from "commander";
import { z } from "zod";
import { DESIGNS } from "../experiment/design-list.ts";
import type { CliContext } from "./context.ts";
import { wrapText } from "./wrap.ts";

interface Setting {
  name: string;
  /** As JSON; null where it must be given. */
  default: string | null;
  type: string;
  description: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("designs")
    .description("list the experiments that a configuration can name, with their settings")
    .action(() => designs(context));
}

function designs({ terminal }: CliContext): void {
  const listed = DESIGNS.map(({ name, paper, summary, settings }) => ({
    name,
    paper,
    summary,
    settings: settingsOf(settings),
  }));
  terminal.result({
    data: listed,
    text: () =>
      listed
        .map(({ name, paper, summary, settings }) =>
          [
            `${name} (experiment ${paper})`,
            ...wrapText({ text: summary, width: terminal.columns - 2 }).map((line) => `  ${line}`),
            ...settings.flatMap((setting) => settingLines(setting, terminal.columns)),
          ].join("\n"),
        )
        .concat("In a configuration: designs: [esr, baseline, {name: dose, levels: [0.5, 1, 2]}]")
        .join("\n\n"),
  });
}

function settingLines({ name, type, default: usual, description }: Setting, width: number): string[] {
  const given = usual === null ? "must be given" : `default ${usual}`;
  const text = `${name}: ${type}; ${given}${description === "" ? "" : `. ${description}`}.`;
  return wrapText({ text, width: width - 4 }).map((line) => `    ${line}`);
}

const fieldSchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().default(""),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional() })).optional(),
});
const objectSchema = z.looseObject({ properties: z.record(z.string(), fieldSchema).default({}) });

function settingsOf(schema: z.ZodType): Setting[] {
  const { properties } = objectSchema.parse(z.toJSONSchema(schema, { io: "input" }));
  return Object.entries(properties).map(([name, field]) => ({
    name,
    description: field.description,
    default: field.default === undefined ? null : JSON.stringify(field.default),
    type:
      field.enum?.join(" | ") ??
      field.type ??
      (field.anyOf ?? []).map(({ type }) => type ?? "value").join(" or "),
  }));
}
