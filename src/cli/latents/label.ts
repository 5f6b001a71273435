/** `countersteer latents label`: reads documents once and labels every latent from where it fires and what it promotes. */
import os from "node:os";
import path from "node:path";
import { type Command, Option } from "commander";
import { readDocuments } from "../../activations/read-documents.ts";
import type { Engine } from "../../engine/engine.ts";
import { openUnembedding, type Unembedding } from "../../engine/llama/unembedding.ts";
import { isCode } from "../../errors.ts";
import { type CollectedContexts, collectContexts } from "../../latents/collect-contexts.ts";
import { rateConcreteness } from "../../latents/concreteness.ts";
import { CONTEXTS_FILE, writeContexts } from "../../latents/contexts-file.ts";
import { labelLatents, peakWords, tokensToShow } from "../../latents/label-latents.ts";
import { readLexicon } from "../../latents/lexicon.ts";
import { promotedTokens } from "../../latents/promoted-tokens.ts";
import { readTokenTexts } from "../../latents/token-texts.ts";
import { readWordVectors } from "../../latents/word-vectors.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { folderOf, LABELS_FILE, writeLabels } from "../../sae/labels.ts";
import { checkWritable } from "../capture/files.ts";
import type { CliContext } from "../context.ts";
import { wholeNumber } from "../numbers.ts";
import { openEngineWithSae } from "../open-engine.ts";
import { addMachineOptions, addModelOptions, addSaeOptions, type EngineFlags } from "../options.ts";
import { addLlmOptions, askLlm, type LlmFlags, openClient } from "./ask-llm.ts";
import { labelText } from "./label-text.ts";

interface LabelFlags extends EngineFlags, LlmFlags {
  docs: string[];
  out?: string;
  tokens: number;
}

const CONTEXT = 512;
const SLOTS = 8;

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("label")
    .description(
      "Read documents with the model and label every latent: where it fires, which words it fires on, which tokens it promotes.\n" +
        `Writes ${LABELS_FILE} and ${CONTEXTS_FILE}. With --judge llm a language model names the latents and rates how concrete they are,\n` +
        "and each name is scored on contexts that were not shown.",
    )
    .requiredOption("--docs <files...>", "documents: .jsonl (chats or texts) or .txt")
    .option("--out <folder>", "where the files go (default: the SAE's own folder)")
    .addOption(
      new Option("--tokens <n>", "read so many tokens at most")
        .argParser(wholeNumber({ flag: "--tokens", min: 1 }))
        .default(400_000),
    );
  addLlmOptions(command);
  addMachineOptions(addSaeOptions(addModelOptions(command)));
  command.action((flags: LabelFlags) => label({ flags, context }));
}

async function label({ flags, context }: { flags: LabelFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  // a wrong key should be told before an hour of reading
  const client = openClient({ flags, context });
  const opened = await openEngineWithSae({
    flags,
    context,
    defaults: { slots: SLOTS, contextPerSlot: CONTEXT },
  });
  const { engine, dictionary } = opened;
  try {
    const folder = flags.out ?? folderOf({ path: dictionary.path });
    await checkWritable({ file: path.join(folder, LABELS_FILE) });
    const collected = await collect({ ...opened, flags, context });
    const unembedding = await unembeddingOf({ engine, flags, context });
    const promoted =
      unembedding === null
        ? null
        : await promotedTokens({
            unembedding,
            dictionary,
            signal,
            onProgress: (share) => terminal.status(`promoted tokens: ${(100 * share).toFixed(0)} %`),
          });
    const texts = await readTokenTexts({
      engine,
      tokens: tokensToShow({ collected, promoted }),
      ...(unembedding === null ? {} : { names: unembedding.tokens }),
    });
    terminal.status("labels");
    const vectors =
      unembedding === null
        ? null
        : await readWordVectors({ unembedding, words: peakWords({ collected, texts }) });
    const options = { collected, texts, promoted, vectors };
    const contextsPath = path.join(folder, CONTEXTS_FILE);
    await writeContexts({ path: contextsPath, latents: labelLatents(options) });
    const asked =
      client === null
        ? null
        : await askLlm({ client, latents: labelLatents(options), collected, texts, flags, context });
    const lexicon = readLexicon({});
    const labels = (asked?.labels ?? Array.from(labelLatents(options), (each) => each.label)).map(
      (label) => ({
        ...label,
        concreteness: label.concreteness ?? Math.round(rateConcreteness({ label, lexicon }).rating),
      }),
    );
    const labelsPath = path.join(folder, LABELS_FILE);
    await writeLabels({ path: labelsPath, labels });
    const dead = labels.filter(({ frequency }) => frequency === 0).length;
    const summary = {
      sae: dictionary.path,
      labels: labelsPath,
      contexts: contextsPath,
      tokens: collected.contexts.tokens,
      documents: collected.topics.length,
      latents: labels.length,
      dead,
      promoted: promoted !== null,
      llm: asked?.summary ?? null,
    };
    terminal.result({ data: summary, text: () => labelText({ summary, labels }) });
  } finally {
    await opened.close();
  }
}

async function collect({
  engine,
  dictionary,
  layer,
  flags,
  context: { terminal, signal },
}: {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  flags: LabelFlags;
  context: CliContext;
}): Promise<CollectedContexts> {
  const started = performance.now();
  return await collectContexts({
    engine,
    dictionary,
    layer,
    documents: readDocuments({ files: flags.docs }),
    context: Number(engine.build.contextPerSlot),
    maxTokens: flags.tokens,
    signal,
    onTokens: (done) =>
      terminal.status(() => {
        const rate = done / ((performance.now() - started) / 1000);
        return `reading: ${done} of at most ${flags.tokens} tokens, ${rate.toFixed(0)} tokens/s`;
      }),
  });
}

/** Null, with a warning, for a model whose unembedding is of an unknown kind: labels are made without promoted tokens. */
async function unembeddingOf({
  engine,
  flags,
  context,
}: {
  engine: Engine;
  flags: LabelFlags;
  context: CliContext;
}): Promise<Unembedding | null> {
  const threads = flags.threads ?? os.availableParallelism();
  try {
    return await openUnembedding({ path: engine.info.path, threads });
  } catch (error) {
    if (!isCode(error, "MODEL_UNSUPPORTED")) throw error;
    context.terminal.warn(`labels are made without promoted tokens: ${error.why}`);
    return null;
  }
}
