/** What `finetune evaluate` prints. */
import type { ArmWording } from "../../../finetune/evaluate/restart-wording.ts";
import type { Retention } from "../../../finetune/evaluate/retention.ts";
import { bounds, fixed, oneLine, percent } from "../../../report/number-text.ts";
import { renderTable } from "../../../report/render-table.ts";

export interface Evaluation {
  run: string;
  data: { file: string; sha256: string };
  /** `name/version` */
  judge: string;
  arms: ArmWording[];
  /** null where it was not asked for. */
  retention: Retention[] | null;
}

export interface EvaluationTextOptions {
  evaluation: Evaluation;
  /** Phrases of each arm. */
  list: number;
  color: boolean;
}

const PHRASE = 64;

export function evaluationText({ evaluation, list, color }: EvaluationTextOptions): string {
  const { data, judge, arms, retention } = evaluation;
  return [
    `Restarts by their wording, against the acknowledgements of ${data.file}; attempts by ${judge}`,
    wordingTable({ arms, color }),
    "trained: word for word. pieces: each sentence is from trained ones. held-out: ours, never trained. verbatim: trained of all restarts, 95 % by latent.",
    ...(list === 0 ? [] : [phraseTable({ arms, list, color })]),
    ...(retention === null ? [] : [retentionText({ retention, color })]),
  ].join("\n\n");
}

function wordingTable({ arms, color }: { arms: readonly ArmWording[]; color: boolean }): string {
  return renderTable({
    head: [
      ...["arm", "judged", "1 attempt", "2", "3+", "restarts"],
      ...["trained", "pieces", "held-out", "own", "verbatim", "95 %"],
    ],
    rows: arms.map(({ arm, judged, attempts, multiAttempt, restarts, kinds, verbatim }) => [
      arm,
      String(judged),
      ...[attempts["1"] ?? 0, attempts["2"] ?? 0, multiAttempt - (attempts["2"] ?? 0), restarts].map(String),
      ...[kinds.trained, kinds.pieces, kinds["held-out"], kinds.own].map(String),
      percent(verbatim.estimate),
      restarts === 0 ? "-" : bounds(verbatim, 100),
    ]),
    color,
  });
}

function phraseTable({
  arms,
  list,
  color,
}: {
  arms: readonly ArmWording[];
  list: number;
  color: boolean;
}): string {
  const rows = arms.flatMap(({ arm, restarts, phrases }) =>
    phrases
      .slice(0, list)
      .map(({ phrase, count, kind, id }) => [
        arm,
        `${count} of ${restarts}`,
        id === null ? kind : `${kind} ${id}`,
        oneLine(phrase, PHRASE),
      ]),
  );
  if (rows.length === 0) return "No arm has a restart.";
  const head = ["arm", "times", "wording", "restart phrase"];
  return renderTable({ head, rows, color, align: ["left", "right", "left", "left"] });
}

function retentionText({ retention, color }: { retention: readonly Retention[]; color: boolean }): string {
  if (retention.length === 0)
    return "No arm of the run has an adapter, so there is nothing to have been kept.";
  const table = renderTable({
    head: [
      ...["adapter", "text", "texts", "tokens"],
      ...["perplexity of base", "of adapter", "nats a token", "95 %"],
    ],
    rows: retention.map(({ adapter, set, texts, tokens, perplexity, difference }) => [
      ...[adapter, set, String(texts), String(tokens)],
      ...[fixed(perplexity.base, 2), fixed(perplexity.adapted, 2), fixed(difference.estimate, 4)],
      nats(difference),
    ]),
    color,
    align: ["left", "left", "right", "right", "right", "right", "right", "right"],
  });
  return [
    "Held-out text, unsteered: mean log-probability of a token under the adapter less that under the base model; intervals by text",
    table,
    "answers: normal answers of the data to prompts that only validate. prose: plain text. Below 0 the adapter has made the text less likely.",
  ].join("\n\n");
}

function nats({ lower, upper }: Retention["difference"]): string {
  return lower === null || upper === null ? "-" : `[${fixed(lower, 4)}, ${fixed(upper, 4)}]`;
}
