/** Responses that try nothing: a clarifying question, or a refusal (METHOD.md 6.1, rule 5). Nonsense is an attempt (rule 4). */
import { any, words } from "./restart-vocabulary.ts";
import { countWords, sentencesOf } from "./sentences.ts";

export type NoAttemptReason = "empty-response" | "clarifying-question" | "refusal";

const MOST_WORDS = 80;
const COURTESY =
  /^(?:sure|of course|certainly|absolutely|okay|ok|hello|hi|hey|thanks|thank you|great|no problem|(?:i'd|i would|i'm|i am) (?:be )?(?:happy|glad|love|like|here|eager)|(?:i|i'd) (?:need|love) (?:more|some|a bit|to help)|i (?:want|need) to (?:make sure|understand)|(?:is there|let me know if) (?:anything|something|there))\b/;
const QUESTION_TO_USER =
  /^(?:so |and |but |first, |to (?:help|get started|begin)[^,?]{0,30}, )?(?:could|can|would|will|do|did|are|have|what|which|how|where|when|is|may)\b.*\b(?:you|your|you're|you'd)\b.*\?$/;
const REQUEST_TO_USER =
  /^(?:please|kindly) (?:tell|let|provide|clarify|specify|give|share|describe|explain)\b/;
const SORRY = `(?:${any("(?:i'm |i am )?(?:so |very )?sorry", "i apologi[sz]e", "unfortunately", "as an ai[^,.]{0,40}")},? )?(?:but )?`;
const UNWILLING = any(
  "i (?:can't|cannot|can not|won't|will not|must decline to|refuse to|don't feel comfortable|do not feel comfortable)",
  "(?:i'm|i am) (?:(?:unable|not able|not allowed) to|not comfortable)",
);
// names what is refused: "I can't believe it" refuses nothing
const TASK = any(
  words(
    "help assist answer respond provide give offer fulfill comply support discuss engage create generate",
  ),
  words("write share complete process accommodate recommend advise helping answering providing discussing"),
  String.raw`(?:do|explain) (?:that|this|so|it|how)\b`,
);
const REFUSAL = new RegExp(String.raw`^${SORRY}${UNWILLING} (?:\w+ )?${TASK}`);

/** Why a response holds no attempt; null if it holds one. */
export function noAttemptReason(response: string): NoAttemptReason | null {
  if (response.trim() === "") return "empty-response";
  if (countWords(response) > MOST_WORDS) return null;
  const sentences = sentencesOf(response.replaceAll("’", "'").toLowerCase()).map(({ text }) => text);
  const courteous = (text: string) => COURTESY.test(text);
  const asks = (text: string) => QUESTION_TO_USER.test(text) || REQUEST_TO_USER.test(text);
  if (sentences.some(asks) && sentences.every((text) => asks(text) || courteous(text))) {
    return "clarifying-question";
  }
  const refuses = (text: string) => REFUSAL.test(text);
  if (sentences.some(refuses) && sentences.every((text) => refuses(text) || asks(text) || courteous(text))) {
    return "refusal";
  }
  return null;
}
