/** What may stand before restart wording, and what makes a sentence speak of something else. Lower case, straight apostrophes. */
import { any, words } from "./restart-vocabulary.ts";

const WORD_END = String.raw`(?=[\s,.!?;:…—–*_)\]-]|\p{Extended_Pictographic}|$)`;

/** Words with which somebody stops short. Sticky. */
export const ALERT = new RegExp(
  any(
    "(?:oh|aw+|ah),? (?:no|dear|my|boy|god|gosh|shoot|man|crap|snap|well)",
    "wait(?: (?:a|one|just a) (?:minute|second|moment|sec|bit|tick))?",
    "(?:hold|hang) (?:on|up|about|it)(?: (?:a|one|just a) (?:minute|second|moment|sec|tick))?",
    "(?:dang|darn|damn|bother|hang) it",
    "(?:good|my) (?:grief|lord|heavens|goodness)",
    "hold your horses",
    "(?:just )?(?:a|one) (?:moment|second|minute|sec)",
    words(
      "oops+ whoops+ oopsie oopsies whoopsie yikes whoa woah stop no nope nah oh ah aw+ eek gosh goodness gee jeez",
    ),
    words(
      "dang darn damn shoot crap d'oh doh ack gah bother drat blimey crikey rats dammit dangit yeesh sheesh",
    ),
    words("ahem+ hm+ um+ uh+ er+ erm+ argh+ ugh+ error"),
    "uh[- ]oh",
    "never ?mind",
    "(?:i'm |i am )?(?:so |very |really |terribly |awfully |deeply )*sorry(?: about (?:that|this))?",
    "(?:with )?(?:my )?(?:sincere |sincerest |humble |deepest )?apologies(?: for (?:that|this))?",
    "i (?:do |must |sincerely |really )?apologi[sz]e(?: for (?:that|this))?",
    "(?:please )?(?:pardon|excuse|forgive) me",
    "i (?:do )?beg your pardon",
    "(?:i(?:'ve)? (?:just |now |only now )*(?:realize|realise|notice|see)d?|i now see|i can see)(?: now)?(?: that)?",
    "(?:up)?on (?:second thoughts?|reflection|review|reconsideration|closer inspection|re-?reading(?: (?:this|that|it))?)",
    "(?:now that i|come to|looking back|thinking back|reading (?:that|this|it) back|re-?reading (?:that|this|it))(?: (?:think|look|read)(?: (?:about|of|at|over))?(?: it| this| that)?)?",
  ) + WORD_END,
  "uy",
);

/** Alerts before a verdict only: "actually, that's wrong" takes something back, "actually, butter works" doesn't. Sticky. */
export const SOFT_ALERT = new RegExp(`actually${WORD_END}`, "uy");

/** Words that may stand between, and alert nobody. Sticky. */
export const FILLER = new RegExp(
  any(
    words("ok okay well so right but and now anyway anyways anyhow please look listen hey alright then"),
    words(
      "yeah yes yep perhaps maybe ha+(?:ha)* heh also honestly still sadly clearly obviously apparently folks",
    ),
    words("y'all guys everyone friend friends there again"),
    ...["all right", "you know", "in fact", "to be honest", "to be fair", "in any case", "at any rate"],
    "it (?:seems|appears|looks)(?: (?:to me|like|that|as if|as though))*",
    "(?:seems|looks|sounds)(?: (?:like|that|as if|as though))+",
    "i (?:think|believe|fear|suspect|guess|suppose|must say|have to say|have to admit|must admit|admit)(?: that)?",
    "i'm afraid(?: that)?",
  ) + WORD_END,
  "uy",
);

/** "(laughs)", "*clears throat*", "[pauses]", emoji, and the marks between words. Sticky. */
export const ASIDE =
  /\([^()\n]{1,40}\)|\[[^[\]\n]{1,40}\]|\*[^*\n]{1,40}\*(?!\*)|(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u200d\ufe0f])+|[\s,.!?;:…—–*_#>-]+/uy;

/** A sentence that begins like this speaks of what might happen, not of what did. */
export const CONDITIONAL = new RegExp(
  String.raw`^${any(words("if when whenever once until unless after before because should while"), "in case")}\b`,
);

/** Greetings and thanks, after which a response still has not begun. */
export const COURTESY = new RegExp(
  String.raw`^${any(
    words("sure certainly absolutely definitely great hello hi hey greetings thanks"),
    ...["of course", "good question", "thank you", "no problem", "you're (?:right|welcome)"],
    ...["(?:i'd|i would) be (?:happy|glad)", "i'm (?:happy|glad)", "(?:i'd|i would) love"],
  )}\b[^.!?]{0,60}[.!?:,]*$`,
);

/** A capitalised word, "I" left out, in the middle of a sentence: a full stop may have been left out before it. */
export const CAPITAL_OPENING = /^(?!I\b)(?:[A-Z][a-z']+|[A-Z]{2,})\b/;

/** After these words, "I" goes on with the clause. After others, a full stop may have been left out before it. */
const BEFORE_I = new Set(
  [
    "that which who whom when where why how what if and but or so because as than then while until before after since",
    "once though although unless whenever whether time times day moment minute way thing things place reason one part",
    "bit point know think say said says noticed notice realized realised realize see saw thought feel felt admit told",
    "tell believe hope sure afraid sorry wish mean guess suppose bet case like every first last next fact am do did can",
    "will would should could may might must have had was not only now today here there yes no well okay oh also maybe",
    "perhaps sometimes usually often never always all everything anything something nothing mistake mistakes errors",
  ]
    .join(" ")
    .split(" "),
);

/** True where "I" at `at`, after a plain word, may open a sentence. */
export function opensWithI({ text, at }: { text: string; at: number }): boolean {
  if (!/^I(?:'|\b)/.test(text.slice(at, at + 2))) return false;
  const before = /([a-z]+) $/.exec(text.slice(Math.max(0, at - 20), at))?.[1];
  return before !== undefined && !BEFORE_I.has(before);
}
