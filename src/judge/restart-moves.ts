/** Restart wording that says what the writer does: starts over, returns to the question, takes something back. */
import {
  ADVERBS,
  any,
  END,
  I,
  maybe,
  PIECE,
  QUESTION,
  rest,
  SAID,
  SELF,
  words,
} from "./restart-vocabulary.ts";

const AGAIN = any(
  "again",
  "over",
  "over again",
  "once more",
  "one more time",
  "differently",
  "(?:in )?(?:a different|another) way",
  "properly",
  "right",
  "correctly",
  "better",
  "from (?:scratch|the (?:start|beginning|top))",
);
const FRESH = any(
  "(?:all )?over",
  "again",
  "afresh",
  "anew",
  "fresh",
  "from scratch",
  "from the (?:very )?(?:start|beginning|top)",
);
const REDO = words(
  "revise rephrase reword rewrite redo re-do retry reconsider rethink retract restate withdraw amend undo restructure reformulate",
);

export const START_OVER = [
  `${SELF} ${ADVERBS}(?:re-?)?(?:start|begin|commence) ${maybe(`${SAID} `)}${FRESH}(?: again)?${any(END, String.raw`(?= (?:from (?:scratch|the (?:start|beginning|top))|with ${QUESTION}|by)\b)`)}`,
  `${SELF} ${ADVERBS}${words("restart reset rewind regroup reboot refocus backtrack recalibrate rephrase reword revise redo re-do retry reconsider rethink retract rewrite")}${END}`,
  String.raw`(?:starting|beginning|going|trying|taking (?:it|this|that)) ${FRESH}(?=\s*[.!:;—–])`,
  String.raw`${SELF} ${ADVERBS}(?:try|do|answer|attempt|phrase|redo|tackle|approach) ${maybe(`${any(SAID, QUESTION)} `)}${AGAIN}\b`,
  String.raw`${SELF} ${ADVERBS}(?:put|word|write|take|run|do) ${any(
    `(?:my|the|this|that) (?:whole |entire )?${PIECE}`,
    "this|that|it",
  )} (?:again|over|once more|one more time|properly|correctly|from (?:scratch|the (?:start|beginning|top)))\b`,
  String.raw`${SELF} ${ADVERBS}(?:put|word|phrase|write) (?:my|the|this|that) (?:whole |entire )?${PIECE} (?:differently|another way|(?:in )?a different way|better)\b`,
  String.raw`${SELF} ${ADVERBS}(?:give|take|have|make|go for) (?:(?:this|that|it|you|${QUESTION}) )?(?:another|a second|one more|a new|a fresh) ${words("try go shot attempt stab crack chance start look pass run answer swing")}\b`,
  `${SELF} ${ADVERBS}${REDO} ${SAID}${END}`,
  `${SELF} ${ADVERBS}(?:correct|fix|rectify|repair|change|clear up|clean up|sort out|set straight|straighten out) ${any(
    "myself",
    "the record",
    SAID,
    `(?:my|the|that|this) (?:(?:previous|last|above|earlier) )?(?:mistake|error|slip|mess|confusion|blunder)`,
  )}${END}`,
  `${SELF} ${ADVERBS}${any(
    "back up",
    "back-?track",
    "step back",
    "set the record straight",
    "make (?:a|one) (?:quick )?correction",
    `take ${SAID} back`,
    `${any("hit", "press", "push")} (?:the )?(?:reset|restart|undo|rewind)(?: button)?(?: on ${rest(25)})?`,
    "stop (?:myself|there|here|right there|right here)",
    `think (?:(?:about )?${any(SAID, QUESTION)} )?(?:again|this through again)`,
    "go back to (?:the (?:start|beginning)|square one)",
  )}(?: and \\w+)?${END}`,
  String.raw`${any("time for", "i need", "this needs", "this calls for", "what about", "let's have")} (?:a|another) (?:reset|restart|do-over|fresh start|new start|second (?:try|attempt))\b`,
  `${SELF} ${ADVERBS}(?:back up|stop|backtrack|rewind|pause) and ${words("answer start begin try address return get go redo focus")}\\b`,
];

const STOPPED = String.raw`(?=\s*(?:[.:!—–*]|$))`;

/** Alone at the start of a sentence, like a heading. */
export const LABELS = [
  `${words("take try attempt version round answer")} (?:number |no\\.? ?|#)?(?:two|three|four|2|3|4)${STOPPED}`,
  `(?:my )?(?:second|third|another|new|fresh) ${words("attempt try take go version start shot stab")}${STOPPED}`,
  `(?:the |my |a |here's (?:the|my) )?${words("corrected revised updated fixed rewritten improved amended better proper")} ${words("answer response version reply explanation attempt")}${STOPPED}`,
  `${words("correction corrections erratum retraction do-over rewind reset resetting restart restarting restarted rewinding backtracking")}${STOPPED}`,
  String.raw`correction (?:to|of|on) (?:the above|my|what i|that)\b`,
  String.raw`a (?:quick |small |brief )?correction (?:is (?:in order|needed|due|necessary)|here|to)\b`,
  "edit(?=:)",
  `(?:once more|one more time|again|okay|ok)?,? ?(?:from the (?:top|beginning|start)|from scratch)(?: (?:then|again|now))?${STOPPED}`,
  `(?:here we go|let's go|here goes|trying|one more time) again${STOPPED}`,
];

const BACK = any(
  "(?:get|go|come|circle|turn|jump|head|switch|move|hop|swing|loop) (?:right |straight )?back",
  "(?:bring|steer|pull|drag|direct|get|take|turn) (?:this|it|us|things|myself|the (?:answer|conversation|focus)|my (?:attention|focus)) (?:right |straight )?back",
  "return|get|refocus|focus|concentrate|switch",
  "redirect (?:myself|this|my attention)",
);
const GOING_BACK = any(
  "(?:getting|going|coming|circling|turning|moving|heading|jumping|switching) back",
  "to (?:get|go|come|circle|turn) back",
  "(?:returning|to return)",
);
const ABOUT = maybe(` (?:about|of|on) ${rest(40)}`);
const TRULY = words("actually really finally properly truly");

export const RETURN = [
  `${SELF} ${ADVERBS}${BACK} (?:on|onto|to) ${any("track", "topic", "task", "course", "point", "answering", QUESTION)}${ABOUT}${END}`,
  `${SELF} ${ADVERBS}${any("answer", "address", "respond to", "stick to", "focus on", "deal with", "get to", "tackle")} ${QUESTION}${END}`,
  `back (?:on|to) ${any("track", "topic", QUESTION)}${ABOUT}${END}`,
  `${GOING_BACK} (?:on|to) ${any("track", "topic", "task", QUESTION)}${ABOUT}${END}`,
  `(?:now|so|and)?,? ?(?:to|let me|i'll) ${TRULY} ${any("answer", "address", "respond to", "get to")} ${QUESTION}`,
  `here(?:'s| is) ${any("what", "the (?:answer|thing|one)(?: that)?")} you ${any("actually", "really", "were")} (?:asked|wanted|needed|asking|looking)\\b`,
  `here(?:'s| is) (?:a|an|the|my|your) (?:\\w+ )?${words("answer version response explanation attempt")} (?:this time|instead|you (?:actually|really))\\b`,
  String.raw`where (?:was i|were we)\s*[?.!]`,
  String.raw`what (?:was|is|were) (?:it|the|your|my|our) ?(?:\w+ )?(?:question|topic|task|point|you asked)? ?(?:about )?again\s*\?`,
  `enough (?:of|with) (?:this|that|these|those|all (?:this|that)|the|my)(?: [\\w-]+)?${END}`,
  `enough (?:about|on) ${rest(30)}(?=\\s*[.!,;:—–])`,
];
export const RETURN_AFTER_ALERT = [
  String.raw`${any("back to", "where was i", "where were we", "as i was saying", "what was i saying", "let's return to", "what was the question")}\b${rest(40)}`,
  `here(?:'s| is) (?:the|a|my) ${words("correct right real actual proper corrected better revised new")} (?:answer|version|response|explanation)${END}`,
  `here(?:'s| is) what (?:i meant|i should have)\\b`,
];

const SURELY_SAID = any(
  "(?:what|whatever|everything|all|anything) (?:that )?(?:i|i've|i have) (?:just |have |already |had )*(?:said|wrote|written|told you|typed)(?: above| so far| there)?",
  `(?:my|that|this) (?:${words("whole last previous above entire first preceding earlier original wrong")} )*${PIECE}`,
  `the (?:${words("whole last previous above entire first preceding earlier wrong")} )+${PIECE}`,
  "all (?:of )?(?:that|this)",
  "(?:all of |everything in )?the (?:above|foregoing)",
  "everything above",
);
const ASK = `(?:${any("please", "kindly", "just", "so", "you can", "you may", "you should", "feel free to", "let's", "we can", "better")} )*`;

export const WITHDRAWAL = [
  `${ASK}(?:scratch|strike|scrap) ${SAID}${END}`,
  `${ASK}${any("disregard", "ignore", "forget(?: about)?", "never ?mind", "pay no attention to")} ${any("that", "this", SURELY_SAID)}${END}`,
  `${ASK}${any("delete", "discard", "skip", "drop", "bin", "erase", "cancel", "undo", "cross out", "throw out", "toss", "overlook")} ${SURELY_SAID}${END}`,
  `${I}(?:take|took) ${SAID} back${END}`,
  `${I}(?:hereby )?(?:withdraw|retract|revoke|take back) ${SAID}${END}`,
];

export const WEAK_RESTART = [
  `thank(?:s| you) for (?:your (?:patience|understanding)|bearing with me|waiting)${END}`,
  `(?:that|this) (?:is|was) (?:${ADVERBS})${words("weird odd strange embarrassing random awkward confusing")}${END}`,
  `${any("here we go", "let me see", "let me think", "one more time", "once more", "try again", "start over", "focus", "deep breath")}${END}`,
  `here(?:'s| is) (?:the|a|my) ${words("correct right real actual proper corrected better revised new")} (?:answer|version|response|explanation)${END}`,
];
