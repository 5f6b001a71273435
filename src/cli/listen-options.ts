/** Flags of the commands that serve over HTTP. */
import { type Command, Option } from "commander";
import { wholeNumber } from "./numbers.ts";

export interface ListenFlags {
  port: number;
  host: string;
  allowHost: string[];
}

/** `--port --host --allow-host` */
export function addListenOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--port <n>", "port to listen on; 0 takes a free one")
        .argParser(wholeNumber({ flag: "--port", min: 0, max: 65535 }))
        .default(0),
    )
    .addOption(new Option("--host <address>", "address to listen on").default("127.0.0.1"))
    .addOption(
      new Option(
        "--allow-host <name>",
        "let in requests for this host name besides addresses and localhost (repeatable)",
      )
        .argParser((name: string, before: string[]) => [...before, name])
        .default([], "none"),
    );
}
