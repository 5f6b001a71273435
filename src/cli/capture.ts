/** `countersteer capture`: what a model makes of a text, at one layer, as a safetensors file. */
import { type Command, Option } from "commander";
import { chatTokens } from "../engine/chat-tokens.ts";
import type { CaptureRequest, Engine } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { checkLatent, type Dictionary } from "../sae/dictionary.ts";
import { writeSafetensors } from "../sae/write-safetensors.ts";
import { checkWritable, readText } from "./capture/files.ts";
import { cutPieces } from "./capture/pieces.ts";
import { readAll } from "./capture/read-all.ts";
import type { CliContext } from "./context.ts";
import { wholeNumbers } from "./numbers.ts";
import { openEngineAtLayer } from "./open-engine.ts";
import {
  addAdapterOption,
  addMachineOptions,
  addModelOptions,
  addSaeOptions,
  addServerOptions,
  type EngineFlags,
} from "./options.ts";

interface CaptureFlags extends EngineFlags {
  latents?: number[] | "all";
  rows?: boolean;
  chat?: boolean;
  out: string;
}

export function register(program: Command, context: CliContext): void {
  const parseLatents = wholeNumbers({ flag: "--latents", min: 0 });
  const command = program
    .command("capture")
    .description(
      "Read a text with a model and write its residual rows, or the values of latents, at one layer.\n" +
        "The file holds `values` [tokens, columns], `tokens` [tokens] and `piece_starts` [pieces]. A text that is longer than\n" +
        "--context is cut into pieces without overlap; the first token of a piece sees nothing before it.",
    )
    .argument("<text-file>", "UTF-8 text")
    .addOption(
      new Option("--latents <k,k,...>", "values of these latents, or `all`").argParser((text) =>
        text === "all" ? ("all" as const) : parseLatents(text),
      ),
    )
    .option("--rows", "residual rows (the default)")
    .option("--chat", "read the text as a user's message, in the model's chat template")
    .requiredOption("--out <file>", "safetensors file to write");
  addMachineOptions(addSaeOptions(addServerOptions(addAdapterOption(addModelOptions(command)))));
  command.action((file: string, flags: CaptureFlags) => capture({ file, flags, context }));
}

async function capture({ file, flags, context }: CaptureOptions): Promise<void> {
  const { terminal, signal } = context;
  refuseBoth(flags);
  const text = await readText({ file });
  await checkWritable({ file: flags.out });
  const opened = await openEngineAtLayer({
    flags,
    context,
    defaults: { slots: 1, contextPerSlot: 1024 },
    needsSae: flags.latents !== undefined,
  });
  const { engine, dictionary, layer } = opened;
  try {
    const { what, columns } = wanted({ flags, dictionary, engine });
    const tokens = await tokensOf({ engine, text, chat: flags.chat === true });
    const size = slotTokens(engine);
    const pieces = flags.chat ? [{ start: 0, tokens }] : cutPieces({ tokens, size });
    const values = await readAll({
      engine,
      pieces,
      layer,
      what,
      columns,
      signal,
      onProgress: ({ done, total }) => terminal.status(`reading: ${done} of ${total} tokens`),
    });
    const facts = {
      text: file,
      model: engine.info.path,
      model_hash: engine.info.fileHash,
      weight_type: engine.info.weightType,
      ...(opened.adapter === null ? {} : { adapter: opened.adapter.path, adapter_hash: opened.adapter.hash }),
      layer: String(layer),
      what: what.kind,
      ...(dictionary === null ? {} : { sae: dictionary.path, sae_hash: dictionary.hash() }),
      ...(what.kind === "latents"
        ? { latents: what.latents.length === 0 ? "all" : what.latents.join(",") }
        : {}),
      chat: String(flags.chat === true),
      piece_tokens: String(size),
      piece_overlap: "0",
    };
    await writeSafetensors({
      path: flags.out,
      tensors: {
        values: { shape: [tokens.length, columns], data: values },
        tokens: { shape: [tokens.length], data: tokens },
        piece_starts: { shape: [pieces.length], data: Int32Array.from(pieces, ({ start }) => start) },
      },
      metadata: facts,
    });
    terminal.result({
      data: { out: flags.out, tokens: tokens.length, columns, pieces: pieces.length, metadata: facts },
      text: () =>
        `${flags.out}: values [${tokens.length}, ${columns}] (${what.kind === "rows" ? "residual rows" : "latent values"}) ` +
        `at layer ${layer}, ${pieces.length === 1 ? "one piece" : `${pieces.length} pieces of at most ${size} tokens`}`,
    });
  } finally {
    await opened.close();
  }
}

interface CaptureOptions {
  file: string;
  flags: CaptureFlags;
  context: CliContext;
}

function refuseBoth({ latents, rows }: CaptureFlags): void {
  if (latents !== undefined && rows === true) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "--latents and --rows were given together.",
      why: "A file holds one kind of values.",
      todo: "Give one of them, and run twice for both.",
    });
  }
}

function wanted({
  flags,
  dictionary,
  engine,
}: {
  flags: CaptureFlags;
  dictionary: Dictionary | null;
  engine: Engine;
}): { what: CaptureRequest["what"]; columns: number } {
  if (flags.latents === undefined || dictionary === null) {
    return { what: { kind: "rows" }, columns: engine.info.dModel };
  }
  const latents = flags.latents === "all" ? [] : flags.latents;
  for (const latent of latents) {
    checkLatent({ facts: dictionary, latent });
  }
  return {
    what: { kind: "latents", sae: dictionary.path, latents },
    columns: latents.length === 0 ? dictionary.latents : latents.length,
  };
}

function tokensOf({
  engine,
  text,
  chat,
}: {
  engine: Engine;
  text: string;
  chat: boolean;
}): Promise<Int32Array> {
  return chat ? chatTokens({ engine, messages: [{ role: "user", content: text }] }) : engine.tokenize(text);
}

/** Tokens that one sequence of this engine may hold. */
function slotTokens({ build }: Engine): number {
  return Number(build.contextPerSlot);
}
