/** Finds restart wording in one sentence: where it begins and ends, and whether it stands there by itself. */
import {
  ALERT,
  ASIDE,
  CAPITAL_OPENING,
  CONDITIONAL,
  FILLER,
  opensWithI,
  SOFT_ALERT,
} from "./interjections.ts";
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
  /**
   * Wording that is no restart, but joins one that stands directly beside it: "Wait!", "That's wrong."; null if there is none.
   * It begins with the sentence, or ends with it where a full stop was left out.
   */
  weak: Marker | null;
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
  let weak: Marker | null = null;
  let alert = false;
  for (const { at, comma, guessed } of clauseStarts(sentence, original)) {
    const start = sentence.start + at;
    const previous = restarts.at(-1);
    if (previous !== undefined && start < previous.end) continue;
    if (conditional && comma) continue;
    const clause = matchClause({
      text: sentence.text,
      at,
      comma: comma || (sentence.bulleted && at === 0),
      guessed,
      alerted: alerted && at === 0,
      inLetter,
      afterQuestion,
    });
    const beside =
      previous !== undefined &&
      countWords(sentence.text.slice(previous.end - sentence.start, at)) < LEAST_WORDS_BETWEEN;
    const needsAlert = (comma || (sentence.bulleted && at === 0)) && !beside;
    if (clause.kind === "restart" && (!needsAlert || clause.alert)) {
      restarts.push({ start, end: sentence.start + clause.end });
      alert = clause.alert;
    } else if (
      clause.kind === "weak" &&
      weak === null &&
      (at === 0 || (!comma && clause.end >= sentence.text.length))
    ) {
      weak = { start, end: sentence.start + clause.end };
      alert = clause.alert;
    }
  }
  return { restarts, weak: restarts.length === 0 ? weak : null, alert };
}

interface ClauseStart {
  at: number;
  /** Only a comma or semicolon stands before it. */
  comma: boolean;
  /** Only its capital letter shows it. */
  guessed: boolean;
}

/** Where clauses begin in a sentence, ascending. */
function clauseStarts(sentence: Sentence, original: string): ClauseStart[] {
  const starts: ClauseStart[] = [{ at: 0, comma: false, guessed: false }];
  for (const match of sentence.text.matchAll(/(?:[—–…]|\.\.\.|\s-{1,2})\s*|[,;]\s+|\s+/g)) {
    const at = match.index + match[0].length;
    if (at >= sentence.text.length) continue;
    if (/[—–….-]/.test(match[0])) starts.push({ at, comma: false, guessed: false });
    else if (/[,;]/.test(match[0])) starts.push({ at, comma: true, guessed: false });
    // a stop that the response left out: "... of gold Wait, that's not right"; after a colon somebody else may speak
    else if (
      sentence.text.charAt(match.index - 1) !== ":" &&
      (CAPITAL_OPENING.test(original.slice(sentence.start + at)) ||
        opensWithI({ text: original, at: sentence.start + at }))
    ) {
      starts.push({ at, comma: false, guessed: true });
    }
  }
  return starts;
}

export type ClauseMatch = { kind: "none" } | { kind: "weak" | "restart"; end: number; alert: boolean };

export interface ClauseOptions {
  text: string;
  at: number;
  /** Only a comma stands before it, or it is an item of a list. */
  comma: boolean;
  /** Only a capital letter shows that a clause begins here; a label then needs its colon. */
  guessed: boolean;
  alerted: boolean;
  inLetter: boolean;
  afterQuestion: boolean;
}

/** Alerts, fillers and asides, then a pattern of the grammar. */
export function matchClause(options: ClauseOptions): ClauseMatch {
  const { text, at, comma, guessed, alerted, inLetter, afterQuestion } = options;
  const alerts = new Set<string>();
  let position = at;
  let soft = false;
  let weak: number | null = null;
  for (;;) {
    // "Can you skip this? No, that's wrong." answers its own question
    const rhetorical = afterQuestion && alerts.size === 1 && alerts.has("no");
    const alert = alerted || (alerts.size > 0 && !rhetorical);
    for (const { strength, apology, pattern } of RESTART_PATTERNS) {
      if (apology && inLetter && !alert) continue;
      if (strength === "alerted" && !alert) continue;
      if (strength === "verdict" && !alert && !soft) continue;
      if (strength === "label" && comma) continue;
      const end = matchAt(pattern, text, position);
      if (end === null) continue;
      if (strength === "label" && guessed && text.charAt(end) !== ":") continue;
      if (strength !== "weak") return { kind: "restart", end, alert: alert || soft };
      weak = Math.max(weak ?? 0, end);
    }
    const next = matchAt(ALERT, text, position);
    if (next !== null) {
      alerts.add(text.slice(position, next));
      position = next;
    } else {
      const softly = matchAt(SOFT_ALERT, text, position);
      soft ||= softly !== null;
      const passed = softly ?? matchAt(FILLER, text, position) ?? matchAt(ASIDE, text, position);
      if (passed === null || passed === position) break;
      position = passed;
    }
    if (isStopped({ alerts, soft, rhetorical: afterQuestion, after: text.slice(position) })) {
      return { kind: "restart", end: position, alert: true };
    }
  }
  const alert = alerted || alerts.size > 0;
  const bare = position >= text.length && (at === 0 || alert);
  if (!bare && weak === null) return { kind: "none" };
  const done = bare || !/\w/.test(text.slice(weak ?? 0));
  return { kind: "weak", alert, end: done ? text.length : (weak ?? text.length) };
}

interface StoppedOptions {
  alerts: ReadonlySet<string>;
  soft: boolean;
  rhetorical: boolean;
  after: string;
}

/** "Wait, no", "Actually, no.": a restart without a word about what is wrong. */
function isStopped({ alerts, soft, rhetorical, after }: StoppedOptions): boolean {
  if (!alerts.has("no") && !alerts.has("nope")) return false;
  if ([...alerts].some((word) => /^(?:wait|hold|hang)/.test(word))) return /^\s*[,.!?;:…—–-]/.test(after);
  return soft && !rhetorical && /^\s*[.!…—–]/.test(after);
}

function matchAt(pattern: RegExp, text: string, position: number): number | null {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : null;
}
