/** Text from models and files, made safe to look at: nothing in it can hide, reorder its surroundings, or break XML. */
import { oddCharacters } from "./odd-characters.ts";

/** Each odd character becomes its code point in brackets, for example `[U+202E]`; lone surrogates become U+FFFD. */
export function visibleText(text: string): string {
  const whole = text.toWellFormed();
  let shown = "";
  let from = 0;
  for (const odd of oddCharacters(whole)) {
    shown += whole.slice(from, odd.start) + odd.shown;
    from = odd.end;
  }
  return shown + whole.slice(from);
}
