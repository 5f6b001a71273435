/** Reading a rendered chat back: the user's turn, and what the assistant's begins with. */

interface Markers {
  user: string;
  assistant: string;
  end: string;
}

const TEMPLATES: readonly Markers[] = [
  {
    user: "<|start_header_id|>user<|end_header_id|>\n\n",
    assistant: "<|start_header_id|>assistant<|end_header_id|>\n\n",
    end: "<|eot_id|>",
  },
  { user: "<|im_start|>user\n", assistant: "<|im_start|>assistant\n", end: "<|im_end|>" },
];

export interface ParsedTemplate {
  prompt: string;
  /** Behind the assistant's header; empty where the answer is all trained. */
  start: string;
}

/** The last user turn and the assistant's turn after it, by Llama 3's template or ChatML; null for any other text. */
export function parseTemplateText(text: string): ParsedTemplate | null {
  for (const { user, assistant, end } of TEMPLATES) {
    const from = text.lastIndexOf(user);
    const stop = text.indexOf(end, from);
    const header = text.lastIndexOf(assistant);
    if (from < 0 || stop < 0 || header < stop) continue;
    const prompt = text.slice(from + user.length, stop).trim();
    if (prompt !== "") return { prompt, start: text.slice(header + assistant.length) };
  }
  return null;
}

/** Text without the token that ends its turn; null if it has none. */
export function withoutEnd(text: string): string | null {
  const trimmed = text.trimEnd();
  for (const { end } of TEMPLATES) {
    if (trimmed.endsWith(end)) return trimmed.slice(0, -end.length).trimEnd();
  }
  return null;
}
