/** The pieces of which the restart grammar is made, as sources of regular expressions. Lower case, straight apostrophes. */

/** Alternatives. */
export function any(...alternatives: readonly string[]): string {
  return `(?:${alternatives.join("|")})`;
}

/** Alternatives that are single words, given as one text. */
export function words(text: string): string {
  return any(...text.split(" "));
}

/** A piece that may be absent. */
export function maybe(...alternatives: readonly string[]): string {
  return `${any(...alternatives)}?`;
}

/** The clause ends here, or goes on in a way that makes it no instruction ("start over with a fresh batch"). */
export const END = String.raw`(?=\s*(?:[.,!?;:…—–)*_-]|$|${words("and here now properly so because since please then")}\b))`;

/** As `END`, or what follows says where the slip was: "a mistake in my answer", "a mistake above". */
export const SLIP_END = any(
  END,
  String.raw`(?=\s+${words("in with on about to of")} ${any("(?:my|this|that|your)", "the (?:above|previous|last|first|answer|response|explanation|calculation|question|topic|beginning)")}\b)`,
  String.raw`(?=\s+${any("there", "above", "earlier", "just now", "again", "for a (?:moment|second|minute)")}\b)`,
);

/** Up to a number of characters of the same clause. */
export function rest(characters: number): string {
  return String.raw`[^.!?,;:\n]{0,${characters}}`;
}

export const ADVERBS = `${any(
  ...[
    "just|quickly|please|now|actually|really|probably|first|also|simply|completely|totally|entirely|way|very|so",
    "quite|clearly|definitely|all|absolutely|a bit|a little|kind of|sort of",
    "try to|try and|go ahead and|see if i can|take a moment to|stop and",
  ].map((group) => `(?:${group}) `),
)}*`;

/** The writer as subject of a verb: "let me", "i should". */
export const SELF = any(
  ...["let me", "let's", "let us", "lemme", "allow me to", "permit me to", "may i", "can i", "could i"],
  ...["i'll", "i will", "i would like to", "i'd like to", "i want to", "i need to", "i have to", "i must"],
  ...["i should", "i'd better", "i had better", "i ought to", "i'm going to", "i am going to", "i'd rather"],
  ...["we should", "we need to"],
);

const AFTER_I = any(
  ...["think believe realize realized realise realised notice noticed see must seem seemed appear may might"],
  ...[
    "could to have had be been am was did do that i i've i'm i'd afraid admit confess say just now actually",
  ],
  ...["accidentally clearly totally completely really also apparently obviously somehow a bit little there"],
  ...["this it got way far"],
).replaceAll(" ", "|");

/** "i", "i think i've", "i have to admit i": the writer, before what happened. Ends with a space. */
export const I = `(?:i|i'm|i've|i'd) (?:${AFTER_I} )*`;

/** A piece of the response, as its writer calls it. */
export const PIECE = words(
  "answer response explanation reply statement message sentence paragraph attempt part bit solution calculation thing",
);

/** What the user wants to know. */
export const QUESTION = any(
  `(?:the|your|our|this|my) (?:${words("original actual initial real main first given current")} )*${any(
    "(?:question|topic|task|subject|point|request|prompt|matter)(?: at hand)?",
    "problem at hand",
  )}`,
  `what you ${maybe("actually ", "really ", "originally ")}(?:asked|wanted|were asking)`,
);

/** Points back at what the response has said. */
export const DEICTIC = any(
  "all (?:of )?(?:that|this)",
  `(?:that|this)(?: (?:last |whole |previous )?${PIECE})?`,
  "what i (?:just )?(?:said|wrote|described|gave you)",
  `(?:the|my) (?:(?:above|previous|last|first|earlier) )?${PIECE}`,
  "the above",
  "everything above",
  "it",
);

export const BE = any(
  "'s",
  ` ${any(
    words("is was were isn't wasn't seems seemed has had does did doesn't didn't makes made went"),
    "came out",
    "is getting",
    "was getting",
  )}`,
);

/** What one apologises for after a slip; "inconvenience" and "delay" are not among it. */
export const SLIP = any(
  words(
    "confusion mistakes? errors? mix-?up misunderstanding oversight tangent digression detour distraction",
  ),
  words("rambling ramble derailment mess nonsense slip"),
  `${words("previous earlier last incorrect wrong irrelevant unrelated confusing off-topic above first")} ${PIECE}`,
);

export const STRAYING = words(
  "going went gone go getting got gotten get veered veering drifted drifting strayed straying wandered wandering slipped trailed",
);

export const ASTRAY = any(
  `off[- ]${words("topic track course subject script point")}`,
  "off the rails",
  String.raw`off on (?:a|some|another) [\w-]*\s?tangent`,
  "off into",
  `(?:away |off )?from (?:${QUESTION}|the)`,
  "on a tangent",
  words("astray sidetracked side-tracked distracted derailed"),
  "carried away",
  "ahead of myself",
  "mixed up",
  "(?:this|that|it|things|those) (?:all |completely )?(?:wrong|mixed up|backwards)",
);
