/**
 * Which labels speak of owning up to an error and starting over: weighted patterns in words of our own, after METHOD.md 8.3, step 1. A label that
 * speaks of machines or of measurement has a score of 0, for its "errors" are not the speaker's.
 */

interface Weighted {
  weight: number;
  pattern: RegExp;
}

const PATTERNS: readonly Weighted[] = [
  { weight: 3, pattern: /\bself[- ]?correct/ },
  { weight: 3, pattern: /\bback-?track/ },
  { weight: 3, pattern: /\bapolog/ },
  { weight: 3, pattern: /\bstart(?:s|ed|ing)? (?:over|again|afresh)\b/ },
  { weight: 3, pattern: /\b(?:admi|own|acknowledg|confess)\w*\b.*\b(?:mistake|error|fault)/ },
  { weight: 3, pattern: /\bcorrect(?:s|ed|ing)? (?:a|an|the|its|one's|oneself|itself|earlier|previous)\b/ },
  { weight: 2, pattern: /\bmistake/ },
  { weight: 2, pattern: /\bincorrect/ },
  { weight: 2, pattern: /\b(?:sorry|oops)\b/ },
  { weight: 2, pattern: /\brevis(?:e|es|ed|ing|ion|ions)\b/ },
  { weight: 2, pattern: /\breconsider/ },
  { weight: 2, pattern: /\b(?:retract|tak(?:e|es|ing) (?:it |that )?back\b)/ },
  { weight: 1, pattern: /\berrors?\b/ },
  { weight: 1, pattern: /\bwrong/ },
  { weight: 1, pattern: /\backnowledg/ },
  { weight: 1, pattern: /\brealis|\brealiz/ },
  { weight: 1, pattern: /\bwait\b(?!,? ?waiter)/ },
];

const EXCLUDED: readonly RegExp[] = [
  /\bhttps?\b|\bstatus codes?\b|\bendpoints?\b|\bapis?\b/,
  /\bexceptions?\b|\bstack ?traces?\b|\bruntime\b|\bcompil|\bdebug|\bsyntax/,
  /\bsql\b|\bdatabases?\b|\bquer(?:y|ies)\b|\btransactions?\b/,
  /\btime-?outs?\b|\bconnections?\b|\bnetworks?\b|\bservers?\b|\bsockets?\b/,
  /\basync\w*|\bthreads?\b|\bloops?\b|\bcallbacks?\b|\bnull\b|\bundefined\b/,
  /\bsecurity\b|\bvulnerab|\bauthenticat|\bpasswords?\b|\bpermissions?\b/,
  /\b(?:standard|sampling|rounding|measurement|mean squared) errors?\b|\bmargins? of error\b|\berror bars?\b/,
];

export interface LabelScore {
  /** Sum of the weights of the patterns that are found; 0 for an excluded label. */
  score: number;
  /** What was found, as it stands in the label. */
  found: string[];
}

export function scoreLabel(label: string): LabelScore {
  const lower = label.toLowerCase();
  if (EXCLUDED.some((pattern) => pattern.test(lower))) return { score: 0, found: [] };
  const hits = PATTERNS.flatMap(({ weight, pattern }) => {
    const [text] = pattern.exec(lower) ?? [];
    return text === undefined ? [] : [{ weight, text }];
  });
  return {
    score: hits.reduce((sum, { weight }) => sum + weight, 0),
    found: hits.map(({ text }) => text),
  };
}
