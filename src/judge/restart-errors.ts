/** Restart wording that says what went wrong: an error noticed, a topic lost, a mistake admitted, an apology. */
import {
  ADVERBS,
  ASTRAY,
  any,
  BE,
  BOTCHED,
  DEICTIC,
  ELSEWHERE,
  END,
  I,
  maybe,
  PIECE,
  QUESTION,
  rest,
  SAID,
  SLIP,
  SLIP_END,
  STRAYING,
  words,
} from "./restart-vocabulary.ts";

const NOT = maybe(" not");
const NONSENSE = any(
  words(
    "nonsense gibberish garbage rubbish drivel gobbledygook rot hogwash silly garbled bogus backwards muddled meaningless incoherent",
  ),
  String.raw`(?:a |an )?(?:load|bunch|lot|pile|heap|jumble|mess|string) of [\w-]+`,
  "(?:complete|total|utter|absolute|pure|a complete|a total) (?:nonsense|gibberish|garbage|rubbish|mess)",
  "(?:no |any )?sense",
);
const JUDGED = any(
  words(
    "right correct wrong incorrect accurate inaccurate it true off mistaken irrelevant unrelated relevant working",
  ),
  words("off-base misleading erroneous flawed untrue false amiss"),
  "(?:wide of|off|beside|missing) the (?:mark|point)",
  NONSENSE,
);

export const ERROR_NOTICED = [
  `${DEICTIC}${BE} ${ADVERBS}(?:getting |gone |going )?${any(
    "(?:way |completely )?off[- ](?:topic|track|the rails|course|subject)",
    `(?:nothing|little|not much|zero) to do with ${QUESTION}`,
    `(?:a|another|one) (?:\\w+ )?(?:tangent|digression|detour)${END}`,
  )}`,
  `${DEICTIC}${BE}${NOT} ${ADVERBS}${any(
    "what you (?:(?:actually|really) )?(?:asked|wanted|were asking|requested|needed)",
    "what i (?:meant|wanted to|was asked|should)",
    "on topic",
    `(?:relevant|related|irrelevant|unrelated|pertinent) to ${QUESTION}`,
    `(?:an|the|even an) answer to ${any(QUESTION, ELSEWHERE)}`,
    `(?:a|an|my) (?:mistake|error|slip)(?: on my part)?${END}`,
    "my (?:bad|fault)",
    `(?:meant|intended|written|supposed to be) for ${ELSEWHERE}`,
    `(?:about|from|for) ${ELSEWHERE}${END}`,
  )}`,
  `${DEICTIC} (?:${ADVERBS})(?:belongs|belonged|goes|went) (?:to|in|with|under) ${ELSEWHERE}`,
  `${DEICTIC} (?:doesn't|didn't|does not|did not|fails to|failed to) ${ADVERBS}(?:answer|address|have anything to do with|relate to|help with|match) ${QUESTION}`,
  String.raw`${any("none", "nothing", "not a word")} (?:of |in )?(?:this|that|it|the above|what i (?:said|wrote)) (?:answers|answered|addresses|addressed|is|was|has|had|relates|helps|makes)\b`,
  `(?:(?:my|that|the) (?:${words("previous last above first earlier initial preceding")} )+${PIECE}|what i(?:'ve)? (?:just )?(?:said|wrote|written)|everything i (?:just )?(?:said|wrote)|my ${PIECE})${BE}${NOT} ${ADVERBS}${JUDGED}${SLIP_END}`,
  `you ${any("didn't", "did not", "never", "haven't", "weren't")} (?:ask|asked|asking|want|wanted|request)(?: me)? (?:about |for |to (?:know|hear) )?(?:about )?(?:any of )?(?:this|that|it|these|those|the above|all that)\\b`,
  "what (?:on earth |in the world |the heck |the hell )?(?:am|was) i (?:even |just )?(?:saying|talking about|doing|thinking|writing|on about|going on about|rambling about|trying to say)",
  "why (?:on earth |in the world )?(?:am|was) i (?:even |still |suddenly )?(?:saying|talking|doing|writing|telling|going|rambling|describing|explaining|discussing)",
  "why did i (?:just |even )?(?:say|write|mention|bring|start|go|tell|type) ",
  "how (?:on earth )?(?:did|have) (?:i|we) (?:even )?(?:end|ended|get|got|wind|wound|come|arrive|drift) (?:up )?(?:here|there|to (?:this|that)|on(?:to)? (?:this|that)|talking|at)",
  "where (?:on earth )?did (?:that|this|all (?:of )?(?:that|this)) come from",
  String.raw`${any("something", "things", "everything")} (?:has |have |just )?(?:went|gone|got) ${any("wrong", "awry", "sideways", "off", "haywire", "astray")}\b`,
  String.raw`(?:there's|there is|there was|there are) (?:an?|some|several) (?:\w+ )?(?:mistakes?|errors?|problem|slip) (?:in|with) (?:my|the above|what i|that|this (?:answer|response))\b`,
];

/** About the response after an alert, perhaps about the subject matter without one. */
export const VERDICTS = [`${DEICTIC}${BE}${NOT} ${ADVERBS}${JUDGED}${SLIP_END}`];

export const ERROR_AFTER_ALERT = [
  `${DEICTIC}${BE}${NOT} ${ADVERBS}${any(
    String.raw`(?:the|a) (?:wrong|right|correct) [\w-]+`,
    `${any("how", "what i", "what you", "supposed to", "nothing to do with", "about")} ${rest(40)}`,
  )}${SLIP_END}`,
  `(?:the |that's the )?wrong ${words("answer question topic subject recipe direction word number one thing place way example conversation prompt problem track")}${END}`,
  String.raw`not ${any("what you asked", String.raw`the right [\w-]+`, "that")}\b`,
  String.raw`did i (?:just )?(?:say|write)\b[^.!?\n]{0,60}\?`,
];

export const MEANT_AFTER_ALERT = [
  `${I}${any(
    String.raw`(?:supposed|meant|asked) to\b`,
    String.raw`(?:meant|mean)\b`,
    String.raw`thinking (?:of|about)\b`,
    "talking about (?:the wrong|something)",
  )}${rest(40)}`,
];

const CHATTING = `(?:${words("answering talking writing describing explaining discussing thinking wittering rambling going babbling droning waffling rabbiting prattling chattering rattling blathering replying responding working telling")})(?: on| away| you)?(?: about| of| to)?`;
const ANSWERED = `${words("wrote written answered described explained discussed replied responded talked spoke started began gave given")}(?: you)?(?: about| on| with| to| writing about| answering)?`;
const OFF = "(?: off| away| completely| a bit| out| somewhere(?: else)?)*";

export const STRAYED = [
  `${I}(?:${STRAYING} )?${ADVERBS}${ASTRAY}`,
  `${I}${ADVERBS}${words("drifted strayed wandered veered rambled digressed zoned spaced waffled")}${OFF}${END}`,
  `${I}${any("digress", "digressed", "ramble", "rambled", "stand corrected")}${END}`,
  `${I}${ADVERBS}(?:lost|lose|losing|lost sight of|losing sight of) (?:my |the |track of |sight of )*${any("train of thought", "track", "focus", "place", "thread", "plot", "way", QUESTION)}`,
  `my (?:${words("mind thoughts thought attention brain focus imagination pen memory circuits keyboard tongue train")})(?: of thought)? (?:just |has |have |had |must have |seems to have |a bit )*${words("wandered drifted glitched slipped strayed malfunctioned short-circuited froze failed derailed went gone ran escaped")}\\b`,
  `${I}${ADVERBS}${CHATTING} (?:about )?${ELSEWHERE}`,
  `${I}${ADVERBS}${ANSWERED} ${ELSEWHERE}`,
  `${I}${ADVERBS}(?:read|got|took|understood|had|have|gotten|taken|heard) (?:${QUESTION}|this|that|it|you|everything|things|your [\\w-]+) (?:all |completely |totally |entirely )?${words("wrong backwards muddled")}\\b`,
  `${I}${ADVERBS}(?:got|grabbed|have|had|took|picked|caught) (?:hold of )?the wrong (?:end of the stick|idea|question|topic|subject|thing|one|task)`,
  "i (?:was|am|must be|must have been|'ve been) barking up the wrong tree",
  `i ${any("didn't", "did not", "haven't", "have not", "failed to", "forgot to", "never")} (?:actually |really |properly |even )?(?:answer|answered|address|addressed) ${QUESTION}`,
  String.raw`i (?:don't|do not|have no idea|'ve no idea) ?(?:know )?(?:why i|where (?:that|this|all that) came|what came over|what happened|how (?:i|we) got)\b`,
];

export const ADMISSION = [
  String.raw`${I}(?:made|make|making|introduced|committed) (?:a|an|another|some|several|quite a|the) (?:[\w-]+ ){0,2}?${words("mistakes? errors? typo mix-up blunder mess hash muddle slip slip-up boo-boo")}(?: of (?:${SAID}|things))?${SLIP_END}`,
  `${I}${any(words("wrong mistaken incorrect confused rambling digressing lost"), "in error", "off base")}${SLIP_END}`,
  `(?!i(?:'m| am| was) )${I}${ADVERBS}${BOTCHED}(?: (?:${SAID}|${QUESTION}|your [\\w-]+|things|everything|it all))?(?: (?:up|wrong))?${SLIP_END}`,
  String.raw`${I}${ADVERBS}${words("misspoke misspoken misread misunderstood misunderstand misinterpreted misstated misheard")}\b`,
  String.raw`${I}${ADVERBS}(?:mixed|muddled) (?:this|that|those|these|them|it|things|the two) up\b`,
  String.raw`${I}${ADVERBS}confused (?:this|that|those|it|the two|myself)\b`,
  `my (?:mistake|bad|error|fault|slip|blunder)${any(END, "(?= about| on that)")}`,
];

const SORRY = any(
  "(?:please accept )?(?:my |our )?(?:sincere |sincerest |humble |deepest )?apologies",
  "(?:i'm |i am )?(?:so |very |really |terribly |awfully )*sorry",
  "forgive me",
  "excuse me",
  "(?:please )?(?:excuse|forgive|pardon)",
  `${I}(?:sincerely |do |must )*apologi[sz]e`,
);

export const APOLOGY = [
  String.raw`${SORRY}(?: (?:for|about))? (?:the|my|that|this|all the|all that|all this) (?:[\w-]+ )?${SLIP}\b`,
  String.raw`${SORRY} for any (?:confusion|misunderstanding) (?:that )?(?:my|i|this|that|the above|what i)\b${rest(60)}`,
  `${SORRY} for ${ADVERBS}${any(`${STRAYING} ${ADVERBS}${ASTRAY}`, "rambling", "digressing", "misunderstanding", "wandering", "drifting", "going on about", "(?:all of |all )?(?:that|this) nonsense")}`,
  String.raw`(?:i'm |i am )?(?:so |very |really |terribly )*sorry about (?:that|this)(?=\s*(?:[.!,;:—–]|$))`,
  String.raw`${SORRY} for (?:my|the|that) ${PIECE}(?=\s*[;:,—–.])`,
];

export const WEAK_APOLOGY = [`${SORRY}(?: for any (?:confusion|misunderstanding))?${END}`];
