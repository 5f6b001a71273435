/** The one way from messages to token ids: generation, scoring and activation reads all go through it, so that they see equal prompts. */
import { CountersteerError } from "../errors.ts";
import { type ChatMessage, renderChat } from "../model/chat.ts";
import { type Mark, marksIn } from "./control-marks.ts";
import { checkWellFormed, controlTokens, plainTokens, type TextEngine } from "./plain-tokens.ts";
import { standIns } from "./stand-ins.ts";

export interface ChatTokensOptions extends ConversationOptions {
  /** Text that the assistant's turn already begins with. It may hold control tokens. */
  prefill?: string;
}

/** Token ids of a chat that ends where the assistant begins to answer. Throws PROMPT_EMPTY, TEMPLATE_INVALID and REQUEST_INVALID. */
export async function chatTokens({ engine, messages, prefill = "" }: ChatTokensOptions): Promise<Int32Array> {
  for (const { role, content } of messages) {
    if (content.trim() === "") {
      throw new CountersteerError("PROMPT_EMPTY", {
        what: `The ${role} message is empty.`,
        why: "A trial needs a question.",
        todo: "Give a prompt with text in it.",
        facts: { role },
      });
    }
  }
  return await conversationTokens({ engine, messages, addGenerationPrompt: true, behind: prefill });
}

export interface ConversationOptions {
  engine: TextEngine;
  messages: readonly ChatMessage[];
}

/**
 * Token ids of messages in the model's template. Control tokens are those that the template writes: what spells one within a message is plain
 * text. Throws TEMPLATE_INVALID, and REQUEST_INVALID for what can't be told from the template's own words.
 */
export async function conversationTokens({
  engine,
  messages,
  addGenerationPrompt,
  behind = "",
}: ConversationOptions & { addGenerationPrompt: boolean; behind?: string }): Promise<Int32Array> {
  const { info } = engine;
  const { chatTemplate: template, bosText, eosText } = info;
  const render = (filled: readonly ChatMessage[]) =>
    renderChat({ template, messages: filled, addGenerationPrompt, bosText, eosText }) + behind;
  for (const { content } of messages) checkWellFormed(content);
  const contents = messages.map(({ content }) => content);
  const marks = contents.flatMap((content) => marksIn(content, info)).map(({ text }) => text);
  if (marks.length === 0) return await engine.tokenize(render(messages));
  const { hide, restore, isHidden } = standIns({ marks, texts: [...contents, template ?? "", behind] });
  const framed = render(messages.map((message) => ({ ...message, content: hide(message.content, info) })));
  const frame = marksIn(framed, info);
  const control = new Set(
    (await controlTokens({ engine, texts: [...marks, ...frame.map((mark) => mark.text)] })).values(),
  );
  refuseFrameWords({ frame, marks, control });
  const parts = partsOf({ text: framed, borders: frame.filter(({ text }) => control.has(text)), isHidden });
  const tokens = await Promise.all(
    parts.map(({ text, hidden }) =>
      hidden ? plainTokens({ engine, text: restore(text) }) : engine.tokenize(text),
    ),
  );
  return Int32Array.from(tokens.flatMap((part) => [...part]));
}

/** A template may write words in place of tokens; the same words within a message would end its turn. Throws REQUEST_INVALID. */
function refuseFrameWords({
  frame,
  marks,
  control,
}: {
  frame: readonly Mark[];
  marks: readonly string[];
  control: ReadonlySet<string>;
}): void {
  const word = frame.find(({ text }) => !control.has(text) && marks.includes(text));
  if (word === undefined) return;
  throw new CountersteerError("REQUEST_INVALID", {
    what: `A message holds ${word.text}.`,
    why: "The model's chat template writes these very words between turns, and no token tells them apart.",
    todo: "Remove them from the message.",
    facts: { text: word.text },
  });
}

/** What lies between two control tokens stays in one piece, as a tokenizer takes it; the pieces that hide something are apart. */
function partsOf({
  text,
  borders,
  isHidden,
}: {
  text: string;
  borders: readonly Mark[];
  isHidden: (text: string) => boolean;
}): { text: string; hidden: boolean }[] {
  const edges = borders.flatMap((border) => [border.at, border.at + border.text.length]);
  const pieces = [0, ...edges].map((from, i) => text.slice(from, edges[i] ?? text.length));
  const parts: { text: string; hidden: boolean }[] = [];
  for (const piece of pieces.filter((each) => each !== "")) {
    const hidden = isHidden(piece);
    const last = parts.at(-1);
    if (last !== undefined && !hidden && !last.hidden) last.text += piece;
    else parts.push({ text: piece, hidden });
  }
  return parts;
}
