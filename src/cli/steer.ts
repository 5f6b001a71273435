/** `countersteer steer`: one prompt, answered unsteered and steered, with the proof that the steering was applied. */
import { type Command, Option } from "commander";
import { chatTokens } from "../engine/chat-tokens.ts";
import type { Intervention, Positions } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import type { ChatMessage } from "../model/chat.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import type { CliContext } from "./context.ts";
import { realNumber, wholeNumber, wholeNumbers } from "./numbers.ts";
import { openEngineAtLayer } from "./open-engine.ts";
import {
  addAdapterOption,
  addMachineOptions,
  addModelOptions,
  addSaeOptions,
  addServerOptions,
  type EngineFlags,
} from "./options.ts";
import { answerBoth } from "./steer/answer-both.ts";
import {
  type ChosenDirection,
  type DirectionFlags,
  directionKind,
  latentDirection,
  vectorDirection,
} from "./steer/direction.ts";
import { interventionOf } from "./steer/intervention.ts";
import { parsePositions } from "./steer/positions.ts";
import { addSamplingOptions, type SamplingFlags, samplingOf } from "./steer/sampling.ts";
import { answerLines, generationData, interventionData, summaryLines } from "./steer/show-both.ts";

export interface SteerFlags extends EngineFlags, DirectionFlags, SamplingFlags {
  strength?: number;
  positions: Positions;
  ablate?: number[];
  system?: string;
}

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("steer")
    .description("Answer a prompt unsteered and steered, side by side, and show what the steering did.")
    .argument("<prompt>", "the user's message")
    .addOption(
      new Option("--latent <k>", "steer with this latent of the SAE").argParser(
        wholeNumber({ flag: "--latent", min: 0 }),
      ),
    )
    .option("--label <words>", "steer with the latent whose label matches best")
    .option("--vector <file>", "steer with the vector in a safetensors file")
    .addOption(
      new Option("--strength <s>", "what the direction is multiplied with (default: the model's)").argParser(
        realNumber({ flag: "--strength" }),
      ),
    )
    .addOption(
      new Option("--positions <which>", "rows to edit: all, prompt, generated, A:B, until:phrase")
        .argParser(parsePositions)
        .default({ kind: "all" } satisfies Positions, "all"),
    )
    .addOption(
      new Option("--ablate <k,k,...>", "clamp these latents to 0 as well").argParser(
        wholeNumbers({ flag: "--ablate", min: 0 }),
      ),
    )
    .option("--system <text>", "system message");
  addServerOptions(addAdapterOption(addModelOptions(addSamplingOptions(command))));
  addMachineOptions(addSaeOptions(command));
  command.action((prompt: string, flags: SteerFlags) => steer({ prompt, flags, context }));
}

async function steer({ prompt, flags, context }: SteerOptions): Promise<void> {
  const { terminal, signal } = context;
  refuseNoEdit(flags);
  const vector = flags.vector === undefined ? null : vectorDirection({ path: flags.vector });
  const opened = await openEngineAtLayer({
    flags,
    context,
    defaults: { slots: 2, contextPerSlot: Math.max(1024, flags.maxTokens + 512) },
    needsSae: vector === null || flags.ablate !== undefined,
  });
  const { engine, known, dictionary, layer } = opened;
  try {
    const chosen = vector ?? (dictionary === null ? null : latentOf({ flags, dictionary }));
    const { ablate = [], positions, strength } = flags;
    const intervention = interventionOf({ chosen, strength, ablate, positions, layer, dictionary, known });
    sayOthers({ chosen, context });
    const messages: ChatMessage[] = [
      ...(flags.system === undefined ? [] : [{ role: "system" as const, content: flags.system }]),
      { role: "user", content: prompt },
    ];
    const sampling = samplingOf({ flags, known });
    const answers = await answerBoth({
      engine,
      tokens: await chatTokens({ engine, messages }),
      sampling,
      intervention,
      signal,
      onText: ({ tokens, tokensPerSecond, ...texts }) => {
        terminal.live(
          () => answerLines({ terminal, texts }),
          () => `${tokens} tokens, ${tokensPerSecond.toFixed(0)} tokens/s`,
        );
      },
    });
    terminal.block([]);
    const texts = { unsteered: answers.unsteered.text, steered: answers.steered.text };
    const name = nameOf({ chosen, intervention, ablate });
    terminal.result({
      data: {
        prompt,
        system: flags.system ?? null,
        model: engine.info.path,
        modelHash: engine.info.fileHash,
        weightType: engine.info.weightType,
        adapter: opened.adapter,
        sae: dictionary?.path ?? null,
        saeHash: dictionary?.hash() ?? null,
        steering: name,
        intervention: interventionData(intervention),
        sampling,
        unsteered: generationData(answers.unsteered),
        steered: generationData(answers.steered),
        tokensPerSecond: answers.tokensPerSecond,
      },
      text: () =>
        [...answerLines({ terminal, texts }), ...summaryLines({ terminal, answers, name })].join("\n"),
    });
  } finally {
    terminal.block([]);
    await opened.close();
  }
}

interface SteerOptions {
  prompt: string;
  flags: SteerFlags;
  context: CliContext;
}

function refuseNoEdit(flags: SteerFlags): void {
  if (directionKind(flags) === null && flags.ablate === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "Nothing says what to steer with.",
      why: "`steer` needs a latent (--latent, --label), a vector (--vector), or latents to ablate (--ablate).",
      todo: 'Try --label "dragons", or find a latent with `countersteer latents dragons` and give its index with --latent.',
    });
  }
}

function latentOf({
  flags,
  dictionary,
}: {
  flags: SteerFlags;
  dictionary: Dictionary;
}): ChosenDirection | null {
  return directionKind(flags) === null ? null : latentDirection({ flags, dictionary });
}

function sayOthers({ chosen, context }: { chosen: ChosenDirection | null; context: CliContext }): void {
  if (chosen !== null && chosen.others.length > 0) {
    const others = chosen.others.map(({ index, label }) => `${index} (${label})`).join(", ");
    context.terminal.note(`Steering with ${chosen.name}. Other matches: ${others}.`);
  }
}

function nameOf({
  chosen,
  intervention,
  ablate,
}: {
  chosen: ChosenDirection | null;
  intervention: Intervention;
  ablate: number[];
}): string {
  const [first] = intervention.edits;
  const added = chosen !== null && first?.kind === "add" ? [`${chosen.name} x ${first.strength}`] : [];
  const ablated = ablate.length > 0 ? [`latents ${ablate.join(", ")} ablated`] : [];
  return [...added, ...ablated].join("; ");
}
