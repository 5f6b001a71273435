/**
 * The wording by which a response explicitly starts over (METHOD.md 6.1): it notices an error, asks to retry, admits a mistake, or returns
 * to the question. Elaborating and restating ("let me explain", "in other words") are not in it, and neither are instructions
 * to the reader ("start again from step 2"): almost every pattern needs the writer as its subject.
 * Patterns are tried where a clause begins, on lower-case text with straight apostrophes.
 */
import {
  ADVERBS,
  ASTRAY,
  any,
  BE,
  DEICTIC,
  END,
  I,
  maybe,
  PIECE,
  QUESTION,
  rest,
  SELF,
  SLIP,
  SLIP_END,
  STRAYING,
  words,
} from "./restart-vocabulary.ts";

/** Changes whenever a pattern changes: attempts found by different grammars don't compare. */
export const GRAMMAR_VERSION = "1";

/**
 * - `strong`: a restart by itself.
 * - `alerted`: a restart after an alert ("wait", "oops", "sorry"): without one, "that's not correct" may be about the subject matter.
 * - `weak`: joins a restart that stands directly beside it, and is none by itself.
 */
export type PatternStrength = "strong" | "alerted" | "weak";

export interface RestartPattern {
  strength: PatternStrength;
  /** An apology or admission, which people also write in letters. */
  apology: boolean;
  /** Sticky. */
  pattern: RegExp;
}

const THIS = "(?:this|that|it)";
const NOT = maybe(" not");

const START_OVER = [
  `${SELF} ${ADVERBS}(?:re-?)?(?:start|begin) ${maybe(`${any("this", "that", "it", "all", "my answer", "the answer")} `)}${any(
    "(?:all )?over",
    "again",
    "afresh",
    "anew",
    "fresh",
    "from scratch",
    "from the (?:start|beginning|top)",
  )}(?: again)?${any(END, String.raw`(?= (?:from (?:scratch|the (?:start|beginning|top))|with ${QUESTION}|by)\b)`)}`,
  `${SELF} ${ADVERBS}restart${END}`,
  String.raw`(?:starting|beginning) (?:over|again|afresh|from scratch)(?=\s*[.!:;—–])`,
  String.raw`${SELF} ${ADVERBS}(?:try|do|answer|attempt|phrase) ${maybe(`${any(THIS, "the question", "your question")} `)}${any(
    "again",
    "over",
    "once more",
    "one more time",
    "differently",
    "(?:in )?a different way",
    "another way",
    "properly",
    "right",
  )}\b`,
  String.raw`${SELF} ${ADVERBS}(?:give|take|have|make) (?:(?:this|that|it|you) )?(?:another|a second|one more) ${words("try go shot attempt stab crack chance")}\b`,
  `${SELF} ${ADVERBS}${words("revise rephrase reword rewrite redo re-do retry reconsider rethink refocus backtrack retract")}${maybe(
    ` ${THIS}(?: (?:whole|last|previous|above|entire|first))?(?: ${PIECE})?`,
    ` (?:my|the|your)(?: (?:whole|last|previous|above|entire|first))? ${PIECE}`,
    " what i (?:just )?said",
  )}${END}`,
  `${any("let me", "allow me to", "i need to", "i should", "i must", "i have to", "i want to", "i'd like to", "i'd better")} ${ADVERBS}(?:correct|fix|amend|rectify) ${any(
    "myself",
    THIS,
    "what i (?:just )?said",
    `(?:my|the|that|this) (?:(?:previous|last|above|earlier) )?(?:mistake|error|slip|${PIECE})`,
  )}${END}`,
  `${SELF} ${ADVERBS}${any(
    "back up",
    "rewind",
    "regroup",
    "take (?:that|this|it all) back",
    "stop (?:myself|there|here|right there)",
    `think (?:(?:about )?${THIS} )?again`,
  )}${END}`,
  String.raw`(?:take two|do-over)(?=\s*[.!:])`,
];

const RETURN = [
  `${SELF} ${ADVERBS}${any(
    `${any("get", "go", "come", "circle", "turn", "jump", "head", "switch", "move", "bring (?:this|it|us|things)", "steer (?:this|it|us)")} (?:right )?back`,
    "return",
    "get",
    "refocus",
  )} (?:on|onto|to) ${any("track", "topic", "answering", QUESTION)}${maybe(` (?:about|of|on) ${rest(40)}`)}${END}`,
  `${SELF} ${ADVERBS}${any("answer", "address", "respond to", "stick to", "focus on")} ${QUESTION}${END}`,
  `back (?:on|to) ${any("track", "topic", QUESTION)}${END}`,
  String.raw`where (?:was i|were we)\s*\?`,
];
const RETURN_AFTER_ALERT = [
  String.raw`${any("back to", "where was i", "where were we", "as i was saying", "what was i saying")}\b${rest(40)}`,
];

const ERROR_NOTICED = [
  `${DEICTIC}${BE} ${ADVERBS}(?:getting |gone |going )?${any(
    "off[- ](?:topic|track|the rails|course|subject)",
    `nothing to do with ${QUESTION}`,
  )}`,
  `${DEICTIC}${any("'s", " is", " was", " isn't", " wasn't", " were")}${NOT} ${ADVERBS}${any(
    "what you (?:asked|wanted|were asking|requested)",
    "what i (?:meant|wanted|was asked)",
    "on topic",
    `(?:relevant|related|irrelevant|unrelated) to ${QUESTION}`,
    `(?:an|the) answer to ${QUESTION}`,
    `(?:a|an|my) (?:mistake|error|slip)(?: on my part)?${END}`,
    "my (?:bad|fault)",
  )}`,
  `${DEICTIC} (?:doesn't|didn't|does not|did not) ${ADVERBS}(?:answer|address|have anything to do with) ${QUESTION}`,
  `what (?:am|was) i (?:even )?${any("saying", "talking about", "doing", "thinking", "writing", "on about")}`,
  String.raw`correction(?=\s*[:.!—–])`,
];
const ERROR_AFTER_ALERT = [
  `${DEICTIC}${BE}${NOT} ${ADVERBS}${any(
    words("right correct wrong incorrect accurate inaccurate it true off mistaken nonsense gibberish silly"),
    words("irrelevant unrelated relevant"),
    "(?:no |any )?sense",
    String.raw`(?:the|a) (?:wrong|right|correct) [\w-]+`,
    `${any("how", "what i", "supposed to", "nothing to do with", "about")} ${rest(40)}`,
  )}${SLIP_END}`,
  `(?:the )?wrong ${words("answer question topic subject recipe direction word number one thing place way example")}${END}`,
  String.raw`not ${any("what you asked", String.raw`the right [\w-]+`, "that")}\b`,
  String.raw`did i (?:just )?(?:say|write)\b[^.!?\n]{0,60}\?`,
];
const WITHDRAWAL = [
  `(?:scratch|strike) ${any("that", "this", "all (?:of )?that")}${END}`,
  `(?:please )?${any("disregard", "ignore", "forget", "never ?mind", "delete")} ${any(
    "that",
    "this",
    "the above",
    "everything above",
    "all (?:of )?that",
    "(?:what|everything|all|anything) (?:that )?(?:i|i've) (?:just |have )?(?:said|wrote|written)",
    `(?:my|that|the|this) (?:(?:last|previous|earlier|first|above|whole) )+${PIECE}`,
  )}${END}`,
  `${I}(?:take|took) ${any("that", "this", "it all", "all of that", "all that")} back${END}`,
];

const STRAYED = [
  `${I}(?:${STRAYING} )?${ADVERBS}${ASTRAY}`,
  `${I}${any("digress", "digressed", "ramble", "rambled", "stand corrected")}${END}`,
  `${I}(?:lost|lose|losing|lost sight of) (?:my )?${any("train of thought", "track", "focus", "place", "thread", QUESTION)}`,
  `i ${any("didn't", "did not", "haven't", "have not", "failed to", "forgot to", "never")} (?:actually |really |properly |even )?(?:answer|answered|address|addressed) ${QUESTION}`,
  String.raw`i (?:don't|do not) know (?:why i|where (?:that|this) came|what came over)\b`,
];
const MEANT_AFTER_ALERT = [
  `${I}${any(
    String.raw`(?:supposed|meant|going|asked) to\b`,
    String.raw`(?:meant|mean)\b`,
    String.raw`thinking (?:of|about)\b`,
    "talking about (?:the wrong|something)",
  )}${rest(40)}`,
];

const ADMISSION = [
  String.raw`${I}(?:made|make|making|introduced) (?:a|an|another|some|several|quite a|the) (?:[\w-]+ ){0,2}?${words("mistakes? errors? typo mix-up blunder")}${SLIP_END}`,
  String.raw`(?:there's|there is|there was) (?:a|an) (?:mistake|error) in (?:my|the above|what i)\b`,
  `${I}${any(words("wrong mistaken incorrect confused rambling digressing lost"), "in error", "off base")}${SLIP_END}`,
  String.raw`${I}${any(
    words("misspoke misspoken misread misunderstood misunderstand misinterpreted misstated miscalculated"),
    words("misremembered mistyped"),
    "mixed (?:(?:this|that|those|these|them|it|things|the two) )?up",
    "confused (?:this|that|those|it|the two|myself)",
  )}\b`,
  `my (?:mistake|bad|error|fault)${any(END, "(?= about| on that)")}`,
];
const SORRY = any(
  "(?:my |sincere )?apologies",
  "(?:i'm |i am )?(?:so |very )?sorry",
  "forgive me",
  "excuse me",
);
const APOLOGY = [
  String.raw`${any(`${I}apologi[sz]e`, SORRY)} (?:for|about) (?:the|my|that|this|all the|all that) (?:[\w-]+ )?${SLIP}\b`,
  `${any(`${I}apologi[sz]e`, SORRY)} for ${ADVERBS}${any(`${STRAYING} ${ADVERBS}${ASTRAY}`, "rambling", "digressing", "misunderstanding")}`,
  String.raw`(?:i'm |i am )?(?:so |very )?sorry about (?:that|this)(?=\s*(?:[.!,;:—–]|$))`,
];

const WEAK = [
  `${I}apologi[sz]e(?: for any (?:confusion|misunderstanding))?${END}`,
  `${DEICTIC}${BE}${NOT} ${ADVERBS}${words("right correct wrong incorrect it irrelevant unrelated")}${END}`,
  `here(?:'s| is) (?:the|a|my) ${words("correct right real actual proper corrected better revised new")} (?:answer|version|response|explanation)${END}`,
];

interface Group {
  strength: PatternStrength;
  apology: boolean;
  sources: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    strength: "strong",
    apology: false,
    sources: [...START_OVER, ...RETURN, ...ERROR_NOTICED, ...WITHDRAWAL, ...STRAYED],
  },
  { strength: "strong", apology: true, sources: [...ADMISSION, ...APOLOGY] },
  {
    strength: "alerted",
    apology: false,
    sources: [...RETURN_AFTER_ALERT, ...ERROR_AFTER_ALERT, ...MEANT_AFTER_ALERT],
  },
  { strength: "weak", apology: true, sources: WEAK },
];

export const RESTART_PATTERNS: readonly RestartPattern[] = GROUPS.flatMap(({ strength, apology, sources }) =>
  sources.map((source) => ({ strength, apology, pattern: new RegExp(source, "y") })),
);
