/** Reads the events of a streamed completion: tokens as they come, and at the end the field with everything that a generation needs. */
import { z } from "zod";
import { type CompletionExtra, completionExtraSchema } from "./protocol.ts";

export const completionEventSchema = z.object({
  choices: z
    .array(z.object({ text: z.string().default(""), token_ids: z.array(z.int()).nullish() }))
    .default([]),
  countersteer: completionExtraSchema.nullish(),
});

export class CompletionReader {
  readonly #told: { count: number };
  readonly #onToken: (token: number, text: string) => void;
  #came = 0;
  #text = "";
  extra: CompletionExtra | null = null;

  /** `told` counts the tokens that the caller was told already, on an earlier try as well. */
  constructor({
    told,
    onToken,
  }: {
    told: { count: number };
    onToken: (token: number, text: string) => void;
  }) {
    this.#told = told;
    this.#onToken = onToken;
  }

  /** An event may bring several tokens; all of them are told with the text up to its end. */
  read({ choices, countersteer }: z.output<typeof completionEventSchema>): void {
    const [choice] = choices;
    this.#text += choice?.text ?? "";
    for (const token of choice?.token_ids ?? []) {
      this.#came++;
      if (this.#came <= this.#told.count) continue;
      this.#told.count = this.#came;
      this.#onToken(token, this.#text);
    }
    if (countersteer !== undefined && countersteer !== null) this.extra = countersteer;
  }
}
