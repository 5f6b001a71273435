/** The chat template of a model that is not here: from a Jinja file, or from Hugging Face's `tokenizer_config.json`. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";
import type { ChatTemplate } from "./chat-frame.ts";

const token = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const configSchema = z.object({
  chat_template: z.string().nullish(),
  bos_token: token,
  eos_token: token,
});

/** A Jinja file names no special tokens; they are empty then. Throws CONFIG_INVALID, and TEMPLATE_INVALID for a configuration without a template. */
export async function readChatTemplate({ file }: { file: string }): Promise<ChatTemplate> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw invalid({ file, why: `${messageOf(cause)}.`, cause });
  }
  if (!file.endsWith(".json")) return { template: text, bosText: "", eosText: "" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid({ file, why: `${messageOf(cause)}.`, cause });
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) throw invalid({ file, why: `${z.prettifyError(parsed.error)}.` });
  const { chat_template, bos_token, eos_token } = parsed.data;
  if (typeof chat_template !== "string" || chat_template === "") {
    throw new CountersteerError("TEMPLATE_INVALID", {
      what: `${file} has no chat template.`,
      why: "Newer models keep it in a file of its own, chat_template.jinja, and base models have none.",
      todo: "Give chat_template.jinja, or use an instruction-tuned model.",
      facts: { file },
    });
  }
  return { template: chat_template, bosText: bos_token ?? "", eosText: eos_token ?? "" };
}

function invalid({ file, why, cause }: { file: string; why: string; cause?: unknown }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} can't be read as a chat template.`,
    why,
    todo: "Give a Jinja file, or the tokenizer_config.json of the model.",
    facts: { file },
    cause,
  });
}
