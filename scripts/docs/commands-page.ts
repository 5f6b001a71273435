/** docs/commands.md: every command's own help, as a page. */
import type { Argument, Command, Option } from "commander";
import { commandsOf, pathOf } from "./command-tree.ts";
import { GENERATED, sentence, table, withoutTags } from "./markdown.ts";

export function commandsPage(program: Command): string {
  const commands = commandsOf(program);
  const overview = commands
    .filter(does)
    .map((command) => [linkTo(command), sentence(command.description()).split(/(?<=\.)\s/)[0] ?? ""]);
  const common = new Set(program.options.map(({ long }) => long));
  return [
    "# Commands",
    GENERATED,
    "`countersteer COMMAND --help` prints the same. In a checkout, `npx countersteer` and `node bin/countersteer.js` are one program.",
    table({ head: ["command", ""], rows: overview }),
    "Every command takes:",
    optionTable(program.options),
    ...commands.map((command) => section({ command, common })),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

/** A group without arguments or options of its own only holds others. */
function does({ commands, registeredArguments, options }: Command): boolean {
  return commands.length === 0 || registeredArguments.length > 0 || options.length > 0;
}

function section({ command, common }: { command: Command; common: ReadonlySet<string | undefined> }): string {
  const path = pathOf(command);
  const options = command.options.filter(({ long, hidden }) => !hidden && !common.has(long));
  const described = command.registeredArguments.filter(({ description }) => description !== "");
  const usage = command.usage().replace(/ ?\[command\]/, "");
  return [
    `${"#".repeat(Math.min(path.length + 1, 4))} ${path.join(" ")}`,
    sentence(command.description()),
    does(command) ? `    countersteer ${path.join(" ")} ${usage}` : "",
    described.length > 0 ? table({ head: ["argument", ""], rows: described.map(argumentRow) }) : "",
    options.length > 0 ? optionTable(options) : "",
    command.commands.length > 0 ? `Its commands: ${command.commands.map(linkTo).join(", ")}.` : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function linkTo(command: Command): string {
  const path = pathOf(command);
  return `[\`${path.join(" ")}\`](#${path.join("-")})`;
}

function optionTable(options: readonly Option[]): string {
  return table({ head: ["option", ""], rows: options.map(optionRow) });
}

function argumentRow(argument: Argument): string[] {
  return [`\`${argument.name()}\``, withoutTags(argument.description) + defaultOf(argument.defaultValue)];
}

function optionRow({ flags, description, argChoices, defaultValue, envVar }: Option): string[] {
  const facts = [
    description === "" ? null : withoutTags(description),
    argChoices === undefined ? null : `one of ${argChoices.join(", ")}`,
    envVar === undefined ? null : `or the environment's \`${envVar}\``,
  ];
  return [`\`${flags}\``, facts.filter((fact) => fact !== null).join("; ") + defaultOf(defaultValue)];
}

function defaultOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? ` (default: ${value})` : "";
}
