/**
 * The part of a response that its writer says in its own voice. Quoted speech, code and signed letters are blanked, because restart
 * wording inside them belongs to somebody else. Offsets stay those of the response.
 */

/** Stands for a blanked character; no pattern of the grammar matches it. */
const BLANK = "\u0001";

/** Longer "quotes" are unbalanced marks, not speech. */
const LONGEST_QUOTE = 200;

const QUOTES = [
  new RegExp(`(?<![\\w"])"(?=\\S)[^"\\n]{1,${LONGEST_QUOTE}}?(?<=\\S)"(?!\\w)`, "g"),
  new RegExp(`“[^“”\\n]{1,${LONGEST_QUOTE}}”`, "g"),
  new RegExp(`(?<![\\w'’])['‘](?=\\S)[^\\n]{1,${LONGEST_QUOTE}}?(?<=\\S)['’](?!\\w)`, "g"),
];
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]+`/g;
const LETTER_OPENING = /(?:^|(?<=[.!?] ))[ \t*]*(?:dear\b|subject:|(?:hi|hello) (?:\w+|\[[^\]\n]+\]),)/im;
/** Lines of a play or an interview. */
const SPEECH = /^[ \t*]*[A-Z][\w.'-]*(?: [A-Z][\w.'-]*)?[*]*:(?=[* ])[^\n]+$/gm;
const SIGN_OFF =
  /^[ \t*]*(?:(?:(?:best|kind|warm|warmest|many) )?(?:regards|wishes)|sincerely|yours\b|respectfully|cheers|(?:many )?thanks|thank you|\[your name\])[^\n]{0,20}$/im;

export interface MaskedText {
  /** As long as the response. */
  text: string;
  /** Where a letter begins that is never signed, for example because the response was cut; null if there is none. */
  openLetter: number | null;
}

export function maskText(response: string): MaskedText {
  let text = response.replace(CODE, blank);
  for (const quote of QUOTES) text = text.replace(quote, blankSpeech);
  text = blankScript(text);
  // typographic apostrophes only after the quotes, which they also close
  text = text.replaceAll("’", "'");
  const opening = LETTER_OPENING.exec(text);
  if (opening === null) return { text, openLetter: null };
  const body = text.slice(opening.index);
  const signOff = SIGN_OFF.exec(body);
  if (signOff === null) return { text, openLetter: opening.index };
  const end = opening.index + signOff.index + signOff[0].length;
  return {
    text: text.slice(0, opening.index) + blank(text.slice(opening.index, end)) + text.slice(end),
    openLetter: null,
  };
}

/** Blanks lines that name their speaker, where two directly after each other name different ones. */
function blankScript(text: string): string {
  const lines = [...text.matchAll(SPEECH)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    speaker: match[0].slice(0, match[0].indexOf(":")).trim(),
  }));
  let blanked = text;
  lines.forEach((line, i) => {
    const spoken = [lines[i - 1], lines[i + 1]].some((other) => {
      if (other === undefined || other.speaker === line.speaker) return false;
      return /^\s*$/.test(text.slice(Math.min(line.end, other.end), Math.max(line.start, other.start)));
    });
    if (!spoken) return;
    blanked =
      blanked.slice(0, line.start) + blank(blanked.slice(line.start, line.end)) + blanked.slice(line.end);
  });
  return blanked;
}

function blank(span: string): string {
  return span.replace(/[^\n]/g, BLANK);
}

/** Keeps the full stop of a quoted sentence, which ends the sentence around it too. */
function blankSpeech(span: string): string {
  const stop = /[.!?](?=.$)/.exec(span)?.[0];
  return stop === undefined ? blank(span) : blank(span.slice(0, -2)) + stop + BLANK;
}
