/** From messages to the tokens that a trial continues, with the paper's quirk where it is asked for. */
import { chatTokens } from "../engine/chat-tokens.ts";
import type { Engine, ModelInfo } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import type { ChatMessage } from "../model/chat.ts";
import { canonicalHash, canonicalJson } from "../store/canonical-json.ts";
import type { RunConfig } from "./config.ts";

const HEADER = { start: "<|start_header_id|>", end: "<|end_header_id|>" };

export interface ChatOptions {
  engine: Engine;
  quirks: RunConfig["quirks"];
}

/** Token ids of a conversation that ends where the assistant begins; kept, since the same prompts come often. Throws CONFIG_INVALID, PROMPT_EMPTY, TEMPLATE_INVALID. */
export function chatOf({ engine, quirks }: ChatOptions): (messages: ChatMessage[]) => Promise<Int32Array> {
  const prefill = quirks.doubledHeader ? secondHeader(engine.info) : "";
  const kept = new Map<string, Promise<Int32Array>>();
  return (messages) => {
    const key = canonicalJson(messages.map(({ role, content }) => [role, content]));
    const tokens = kept.get(key) ?? chatTokens({ engine, messages, prefill });
    kept.set(key, tokens);
    return tokens;
  };
}

/** Names the form of the prompts in keys and manifests. */
export function templateHash({ engine, quirks }: ChatOptions): string {
  const { chatTemplate } = engine.info;
  return canonicalHash(quirks.doubledHeader ? { chatTemplate, doubledHeader: true } : chatTemplate);
}

/** What the reference puts behind a prompt that is complete already (METHOD.md 2.4). */
function secondHeader({ chatTemplate, bosText, name }: ModelInfo): string {
  if (chatTemplate?.includes(HEADER.start) !== true) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The header of ${name} can't be doubled.`,
      why: `Its chat template has no ${HEADER.start}: the quirk is one of Llama 3.`,
      todo: "Leave out quirks.doubledHeader.",
      facts: { model: name },
    });
  }
  return `${bosText}${HEADER.start}assistant${HEADER.end}`;
}
