/** What may stand before restart wording, and what makes a sentence speak of something else. Lower case, straight apostrophes. */
import { any, words } from "./restart-vocabulary.ts";

const WORD_END = String.raw`(?=[\s,.!?;:…—–*_-]|$)`;

/** Words with which somebody stops short. Sticky. */
export const ALERT = new RegExp(
  any(
    "oh,? (?:no|dear|my|boy|god|gosh)",
    "wait(?: a (?:minute|second|moment|sec|bit))?",
    "(?:hold|hang) on(?: a (?:minute|second|moment|sec))?",
    words("oops whoops oopsie yikes whoa stop no oh ah eek gosh goodness dang darn damn shoot d'oh"),
    words("ahem+ hmm* um+ uh+ er+ argh+ ugh+"),
    "uh[- ]oh",
    "never ?mind",
    "(?:i'm |i am )?(?:so |very |really |terribly )?sorry(?: about that)?",
    "(?:my |sincere )?apologies",
    "i apologi[sz]e",
    "(?:pardon|excuse|forgive) me",
    "i beg your pardon",
  ) + WORD_END,
  "y",
);

/** Words that may stand between, and alert nobody. Sticky. */
export const FILLER = new RegExp(
  any(
    words("ok okay well so right actually but and now anyway anyways anyhow please look listen hey alright"),
    words("yeah yes perhaps maybe ha+(?:ha)* heh also honestly"),
    ...["all right", "you know", "in fact", "on second thought", "come to think of it", "to be honest"],
  ) + WORD_END,
  "y",
);

/** "(laughs)", "*clears throat*", and the marks between words. Sticky. */
export const ASIDE = /\([^()\n]{1,40}\)|\*[^*\n]{1,40}\*|[\s,.!?;:…—–*_-]+/y;

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

/** Sentence openings, capitals included, that show where a full stop was left out. */
export const CAPITAL_OPENING =
  /^(?:Wait|Oops|Whoops|Sorry|Hold on|Hmm|Ahem|Scratch that|My mistake|Let me)\b/;
