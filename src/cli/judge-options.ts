/** Flags of the judge, for every command that judges. */
import { type Command, Option } from "commander";
import { JUDGE_KINDS } from "../judge/judge-settings.ts";
import { LLM_PROVIDERS, STRUCTURED_MODES } from "../llm/llm-client.ts";
import { realNumber, wholeNumber } from "./numbers.ts";

export interface JudgeFlags {
  judge?: string;
  judgeModel?: string;
  judgeProvider?: string;
  judgeBaseUrl?: string;
  judgeStructured?: string;
  blind?: boolean;
  votes?: number;
  judgeConcurrency?: number;
  judgeRpm?: number;
}

export function addJudgeOptions(command: Command): Command {
  return command
    .option("--judge <kind>", `who judges: ${JUDGE_KINDS.join(", ")} (default: likelihood)`)
    .option(
      "--judge-model <name>",
      "language model that judges: a known name, a provider's id, or a GGUF file",
    )
    .option("--judge-provider <name>", `whose model it is: ${LLM_PROVIDERS.join(", ")} (default: anthropic)`)
    .option("--judge-base-url <url>", "address of the server, in place of the provider's own")
    .option(
      "--judge-structured <mode>",
      `how replies are kept to their schema: ${STRUCTURED_MODES.join(", ")}`,
    )
    .option("--blind", "don't tell the judge what the response was steered towards")
    .addOption(
      new Option("--votes <n>", "times that a language model judges each response").argParser(
        wholeNumber({ flag: "--votes", min: 1, max: 25 }),
      ),
    )
    .addOption(
      new Option("--judge-concurrency <n>", "requests to the judge under way at once").argParser(
        wholeNumber({ flag: "--judge-concurrency", min: 1 }),
      ),
    )
    .addOption(
      new Option("--judge-rpm <n>", "requests to the judge a minute at most").argParser(
        realNumber({ flag: "--judge-rpm", min: 0.1 }),
      ),
    );
}

/** The flags as settings of `judge`; what was not said is undefined. A base URL alone means a server of one's own. */
export function judgePatch(flags: JudgeFlags): Record<string, unknown> {
  const { judge, judgeModel, judgeProvider, judgeBaseUrl, judgeStructured, blind, votes } = flags;
  return {
    kind: judge,
    model: judgeModel,
    provider: judgeProvider ?? (judgeBaseUrl === undefined ? undefined : "compatible"),
    baseUrl: judgeBaseUrl,
    structured: judgeStructured,
    blind,
    votes,
    concurrency: flags.judgeConcurrency,
    requestsPerMinute: flags.judgeRpm,
  };
}
