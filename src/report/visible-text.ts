/** Text from models and files, made safe to look at: nothing in it can hide, reorder its surroundings, or break XML. */

/** Characters that reorder the text around them, controls, and what XML forbids; tabs and line breaks stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** Each such character becomes its code point in brackets, for example `[U+202E]`; lone surrogates become U+FFFD. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(
      HIDDEN,
      (hidden) => `[U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}
