/** Finds restart wording in one sentence: where it begins and ends, and whether it stands there by itself. */
import { ALERT, ASIDE, CAPITAL_OPENING, CONDITIONAL, FILLER } from "./interjections.ts";
import { RESTART_PATTERNS } from "./restart-grammar.ts";
import { countWords, type Sentence } from "./sentences.ts";

/** Restart wording: a half-open span of the text. */
export interface Marker {
  start: number;
  end: number;
}

export interface SentenceMatch {
  /** In order. */
  restarts: Marker[];
  /** No restart, but it joins one that stands directly beside it: "Wait!", "That's wrong." */
  weak: boolean;
  /** Somebody stops short here. */
  alert: boolean;
}

/** Fewer words between two restarts are part of the restart ("Oops! Omelettes. Let me start over."). */
export const LEAST_WORDS_BETWEEN = 3;

export interface MatchOptions {
  sentence: Sentence;
  /** With its capitals. */
  original: string;
  /** An alert stands directly before the sentence. */
  alerted: boolean;
  afterQuestion: boolean;
  inLetter: boolean;
}

/** Offsets are those of the text that the sentence comes from. */
export function matchSentence({
  sentence,
  original,
  alerted,
  afterQuestion,
  inLetter,
}: MatchOptions): SentenceMatch {
  const conditional = CONDITIONAL.test(sentence.text);
  const restarts: Marker[] = [];
  let weak = false;
  let alert = false;
  for (const { at, comma } of clauseStarts(sentence, original)) {
    const start = sentence.start + at;
    const previous = restarts.at(-1);
    if (previous !== undefined && start < previous.end) continue;
    if (conditional && comma) continue;
    const clause = matchClause({
      text: sentence.text,
      at,
      alerted: alerted && at === 0,
      inLetter,
      afterQuestion,
    });
    const beside =
      previous !== undefined &&
      countWords(sentence.text.slice(previous.end - sentence.start, at)) < LEAST_WORDS_BETWEEN;
    const needsAlert = (comma || sentence.bulleted) && !beside;
    if (clause.kind === "restart" && (!needsAlert || clause.alert)) {
      restarts.push({ start, end: sentence.start + clause.end });
      alert = clause.alert;
    } else if (at === 0 && clause.kind === "weak") {
      weak = true;
      alert = clause.alert;
    }
  }
  return { restarts, weak: weak && restarts.length === 0, alert };
}

/** Where clauses begin in a sentence, ascending; `comma` where only a comma or semicolon divides them. */
function clauseStarts(sentence: Sentence, original: string): { at: number; comma: boolean }[] {
  const starts = [{ at: 0, comma: false }];
  for (const match of sentence.text.matchAll(/(?:[—–…]|\.\.\.|\s-{1,2})\s*|[,;]\s+|\s+/g)) {
    const at = match.index + match[0].length;
    if (at >= sentence.text.length) continue;
    if (/[—–….-]/.test(match[0])) starts.push({ at, comma: false });
    else if (/[,;]/.test(match[0])) starts.push({ at, comma: true });
    // a stop that the response left out: "... of gold Wait, that's not right"
    else if (CAPITAL_OPENING.test(original.slice(sentence.start + at))) {
      starts.push({ at, comma: false });
    }
  }
  return starts;
}

export type ClauseMatch =
  | { kind: "none" }
  | { kind: "weak"; alert: boolean }
  | { kind: "restart"; end: number; alert: boolean };

export interface ClauseOptions {
  text: string;
  at: number;
  alerted: boolean;
  inLetter: boolean;
  afterQuestion: boolean;
}

/** Alerts, fillers and asides, then a pattern of the grammar. */
export function matchClause({ text, at, alerted, inLetter, afterQuestion }: ClauseOptions): ClauseMatch {
  const alerts = new Set<string>();
  let position = at;
  let weak = false;
  for (;;) {
    // "Can you skip this? No, that's wrong." answers its own question
    const rhetorical = afterQuestion && alerts.size === 1 && alerts.has("no");
    const alert = alerted || (alerts.size > 0 && !rhetorical);
    for (const { strength, apology, pattern } of RESTART_PATTERNS) {
      if (apology && inLetter && !alert) continue;
      if (strength === "alerted" && !alert) continue;
      const end = matchAt(pattern, text, position);
      if (end === null) continue;
      if (strength !== "weak") return { kind: "restart", end, alert };
      weak = true;
    }
    const next = matchAt(ALERT, text, position);
    if (next !== null) {
      alerts.add(text.slice(position, next));
      position = next;
    } else {
      const passed = matchAt(FILLER, text, position) ?? matchAt(ASIDE, text, position);
      if (passed === null || passed === position) break;
      position = passed;
    }
    const stopped = [...alerts].some((word) => /^(?:wait|hold on|hang on)/.test(word)) && alerts.has("no");
    if (stopped && /^\s*[,.!?;:…—–-]/.test(text.slice(position))) {
      return { kind: "restart", end: position, alert: true };
    }
  }
  const bare = position >= text.length && at === 0;
  return bare || weak ? { kind: "weak", alert: alerted || alerts.size > 0 } : { kind: "none" };
}

function matchAt(pattern: RegExp, text: string, position: number): number | null {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : null;
}
