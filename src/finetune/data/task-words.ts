/** The words that say what a prompt is about. */
import { FUNCTION_WORDS } from "../../latents/function-words.ts";

const FORM = new Set("explain best way".split(" "));

/** Stems, in lower case: "Explain how to plant tulip bulbs." gives plant, tulip, bulb. */
export function taskStems(prompt: string): string[] {
  const words = prompt.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  return [...new Set(words.filter((word) => !FUNCTION_WORDS.has(word) && !FORM.has(word)).map(stemOf))];
}

/** How many of the stems occur in a text. */
export function stemsIn({ text, stems }: { text: string; stems: readonly string[] }): number {
  const found = new Set((text.toLowerCase().match(/\p{L}{3,}/gu) ?? []).map(stemOf));
  return stems.filter((stem) => found.has(stem)).length;
}

function stemOf(word: string): string {
  return word.replace(/(?<=\p{L}{3})(?:ing|ies|es|ed|s|e|y)$/u, "");
}
