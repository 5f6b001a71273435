/** The command line program, before any command is added to it. */
import { readFileSync } from "node:fs";
import { Command } from "commander";

/** What its commands print and throw is left to the caller. */
export function newProgram(): Command {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "unknown";
  return new Command("countersteer")
    .description("Measure whether a language model resists activation steering.")
    .version(String(version))
    .option("--json", "write the result as JSON, and nothing else, to stdout")
    .option("--debug", "print the stack of an error")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => undefined });
}
