/** The recorded activations of an answer's tokens. */
import type { ActivationsRecord, TrialRecord } from "../../store/records.ts";
import type { Span } from "./token-regions.ts";

export interface AnswerRows {
  /** Tokens of the answer, with or without a row. */
  tokens: number;
  /** Columns in the order of the recording. */
  latents: readonly number[];
  /** null for a token that has no row, as the last sampled one, and for a latent that was not recorded. */
  value: (at: { token: number; latent: number }) => number | null;
}

/** Rows of the recording begin with the prompt's, which are left out; a start that the answer was given is a part of the answer. */
export function answerRows({
  trial: { promptTokens, tokens },
  recording: { rows, columns, values },
}: {
  trial: Pick<TrialRecord, "promptTokens" | "tokens">;
  recording: Pick<ActivationsRecord, "rows" | "columns" | "values">;
}): AnswerRows {
  const columnOf = new Map(columns.map((latent, column) => [latent, column]));
  return {
    tokens: tokens.length,
    latents: columns,
    value: ({ token, latent }) => {
      const column = columnOf.get(latent);
      const row = promptTokens + token;
      if (column === undefined || token < 0 || token >= tokens.length || row >= rows) return null;
      return values[row * columns.length + column] ?? null;
    },
  };
}

/** Over the tokens of a span that have a row; null where none has. */
export function meanOver({
  rows,
  latent,
  span: { start, end },
}: {
  rows: AnswerRows;
  latent: number;
  span: Span;
}): number | null {
  let sum = 0;
  let count = 0;
  for (let token = start; token < Math.min(end, rows.tokens); token++) {
    const value = rows.value({ token, latent });
    if (value === null) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

/** Mean over the latents that are there; null where none is. Each is a mean over tokens or the value at one. */
export function meanOfLatents({
  latents,
  of,
}: {
  latents: readonly number[];
  of: (latent: number) => number | null;
}): number | null {
  const values = latents.flatMap((latent) => of(latent) ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
