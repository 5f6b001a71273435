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

/** What may still follow the wording in its clause. */
const TAIL = `(?: ${any(
  words("again above there here earlier entirely completely altogether properly sorry please instead too"),
  ...["a bit|a little|at all|just now|right now|this time|once more|so far|real quick|for (?:you|real)"],
  "for (?:a|one) (?:second|sec|moment|minute|bit|while)",
  "in (?:my|the|that|this) (?:(?:previous|last|above|first|earlier) )?(?:answer|response|reply|explanation|calculation)",
  "on (?:that|this|you|me)(?: one)?",
)})*`;

/** The clause ends here, or goes on in a way that makes it no instruction ("start over with a fresh batch"). */
export const END = String.raw`${TAIL}(?=\s*(?:[.,!?;:…—–)*_-]|$|${words("and here now properly so because since please then")}\b))`;

/** As `END`, or what follows says where the slip was: "a mistake in my answer", "a mistake above". */
export const SLIP_END = any(
  END,
  String.raw`(?=\s+${words("in with on about to of")} ${any("(?:my|this|that|your)", "the (?:above|previous|last|first|answer|response|explanation|calculation|question|topic|beginning)")}\b)`,
);

/** Up to a number of characters of the same clause. */
export function rest(characters: number): string {
  return String.raw`[^.!?,;:\n]{0,${characters}}`;
}

export const ADVERBS = `${any(
  ...[
    "just|quickly|please|now|actually|really|probably|first|also|simply|completely|totally|entirely|way|very|so",
    "quite|clearly|definitely|all|absolutely|a bit|a little|kind of|sort of|kinda|sorta|obviously|evidently",
    "somewhat|rather|pretty|utterly|plainly|again|then|only|instead|somehow|accidentally|properly|hereby",
    "try to|try and|go ahead and|see if i can|take a moment to|stop and|quickly",
  ].map((group) => `(?:${group}) `),
)}*`;

/** The writer as subject of a verb: "let me", "i should". */
export const SELF = any(
  ...["let me", "let's", "let us", "lemme", "allow me to", "permit me to", "may i", "can i", "could i"],
  ...[
    "i'll",
    "i will",
    "i shall",
    "i would like to",
    "i'd like to",
    "i want to",
    "i need to",
    "i have to",
    "i must",
  ],
  ...["i should", "i'd better", "i had better", "i ought to", "i'm going to", "i am going to", "i'd rather"],
  ...[
    "we should",
    "we need to",
    "we'd better",
    "i'm gonna",
    "imma",
    "i gotta",
    "i've got to",
    "i wish to",
    "time to",
  ],
);

const AFTER_I = any(
  ...[
    "think believe realize realized realise realised notice noticed see fear must seem seemed appear may might",
  ],
  ...[
    "could to have had be been am was did do that i i've i'm i'd afraid admit confess say just now actually",
  ],
  ...["accidentally clearly totally completely really also apparently obviously somehow a bit little there"],
  ...[
    "this it got get way far utterly only managed mistakenly simply kind sort of then went ended up let myself",
  ],
).replaceAll(" ", "|");

/** "i", "i think i've", "i have to admit i": the writer, before what happened. Ends with a space. "I may be" is a hedge. */
export const I = `(?:i|i'm|i've|i'd) (?!(?:may|might|could) be )(?:${AFTER_I} )*`;

/** A piece of the response, as its writer calls it. */
export const PIECE = any(
  words(
    "answer response explanation reply statement message sentences? paragraphs? attempt part bit solution",
  ),
  words("calculation thing section passage text words lines? one description example"),
);

const WHICH = `(?:${words("whole last previous above entire first preceding earlier original final wrong initial latest")} )*`;

/** What the writer takes back or does again. */
export const SAID = any(
  "(?:what|whatever|everything|all|anything|the (?:things|stuff|bit|part)) (?:that )?(?:i|i've|i have) (?:just |have |already |had )*(?:said|wrote|written|told you|typed|described|explained)(?: above| so far| there)?",
  `(?:my|the|that|this|your|these|those) ${WHICH}${PIECE}(?: (?:of mine|above|i (?:just )?(?:gave|wrote)))?`,
  "(?:all (?:of )?)?(?:that|this|it)",
  "(?:all of |everything in )?(?:the|my) (?:above|foregoing|previous)",
  "everything(?: above| so far)?",
  "all (?:of )?the above",
);

/** What the user wants to know. */
export const QUESTION = any(
  `(?:the|your|our|this|my|that) (?:${words("original actual initial real main first given current proper earlier")} )*${any(
    "(?:question|topic|task|subject|point|request|prompt|matter|query|issue|ask|assignment)(?: at hand| in hand)?",
    "problem at hand",
  )}`,
  `(?:what|the (?:thing|one|question|topic)) (?:that )?you(?:'d|'ve|'re)? (?:${words("actually really originally had have were")} )*(?:asked|wanted|asking|requested|needed|after|looking for)(?: (?:me|about|for))*`,
);

/** Points back at what the response has said. */
export const DEICTIC = any(
  "(?:all|none|most|any) (?:of )?(?:that|this|it|the above)",
  `(?:that|this)(?: (?:last |whole |previous |first )?${PIECE})?`,
  "what i(?:'ve)? (?:just )?(?:said|wrote|written|described|gave you)",
  `(?:the|my) ${WHICH}${PIECE}`,
  "the above",
  "everything above",
  "it",
);

export const BE = any(
  "'s",
  ` ${any(
    words(
      "is was were isn't wasn't aren't seems seemed looks looked sounds sounded feels has had does did doesn't",
    ),
    words("didn't makes made went can't cannot couldn't"),
    "came out",
    "(?:is|was) getting",
    "(?:can't|cannot|can not|couldn't|could not|must|might|may) be",
    "(?:does not|did not|doesn't|didn't) (?:sound|look|seem|feel|make)",
    "(?:has|have) been",
  )}`,
);

/** What one apologises for after a slip; "inconvenience" and "delay" are not among it. */
export const SLIP = any(
  words(
    "confusion mistakes? errors? mix-?ups? misunderstanding oversight tangent digression detour distraction",
  ),
  words(
    "rambling ramble derailment mess nonsense slip muddle gibberish blunder slip-up mistake sidetrack glitch",
  ),
  `${words("previous earlier last incorrect wrong irrelevant unrelated confusing off-topic above first misleading")} ${PIECE}`,
  "going off",
);

export const STRAYING = words(
  "going went gone go getting got gotten get veered veering drifted drifting strayed straying wandered wandering slipped trailed ran run running carried been letting",
);

export const ASTRAY = any(
  `(?:way |right |far |completely )?off[- ]${words("topic track course subject script point piste base message target road")}`,
  "off the (?:rails|track|mark|point|deep end)",
  String.raw`off on (?:a|some|another) [\w-]*\s?tangent`,
  "off into",
  `(?:away |off )?from (?:${QUESTION}|the)`,
  "on a (?:bit of a |total |complete )?tangent",
  words("astray sidetracked side-tracked distracted derailed off-topic off-track"),
  "carried away",
  "ahead of myself",
  "mixed up",
  "lost in (?:the|my|a)",
  "(?:this|that|it|things|those|everything|your question|the question) (?:all |completely |totally )?(?:wrong|mixed up|backwards|muddled|confused)",
);

/** Verbs for a piece of work that went wrong, in the past. */
export const BOTCHED = any(
  words(
    "botched bungled fumbled muddled mangled flubbed butchered goofed garbled blundered slipped erred fluffed",
  ),
  words("blew misspoke misspoken misread misunderstood misunderstand misinterpreted misstated miscalculated"),
  words("misremembered mistyped misheard mislabeled misjudged misconstrued misquoted"),
  `${words("messed screwed mucked stuffed goofed slipped mixed muddled cocked")} (?:(?:this|that|those|these|them|it|things|the two|everything) )?(?:all )?up`,
  "confused (?:this|that|those|it|the two|myself|you)",
);

/** A topic that nobody asked about. */
export const ELSEWHERE = any(
  `(?:the wrong|a different|another|some other|an unrelated|an entirely different|a completely different|the other) ${words("question topic subject thing one problem conversation task prompt person story request")}`,
  "something (?:else|different|completely|entirely|totally|unrelated|other)(?: (?:else|different|unrelated|entirely|altogether))*",
  "the wrong",
);
