/** Contexts as one line of text. */
import { isControlText, type TextContext } from "./text-context.ts";

/** Line breaks as a sign, control tokens by name. */
export function onOneLine(tokens: readonly string[]): string {
  return tokens.map((text) => text.replaceAll("\n", "⏎")).join("");
}

/** Tokens that fire at least this strongly, against the peak, are marked. */
const MARKED_SHARE = 0.3;

/** The context with every token that fires strongly handed to `mark`; spaces stay outside. */
export function markedText({
  context: { tokens, activations, peak },
  mark,
}: {
  context: Pick<TextContext, "tokens" | "activations" | "peak">;
  mark: (text: string, share: number) => string;
}): string {
  const most = Math.max(activations[peak] ?? 0, Number.MIN_VALUE);
  return tokens
    .map((text, i) => {
      const share = Math.min(1, (activations[i] ?? 0) / most);
      const shown = onOneLine([text]);
      if (i !== peak && (share < MARKED_SHARE || isControlText(text))) return shown;
      const bare = shown.trimStart();
      return bare === ""
        ? mark(shown, share)
        : shown.slice(0, shown.length - bare.length) + mark(bare, share);
    })
    .join("");
}
