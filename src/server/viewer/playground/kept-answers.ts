/** Answers of this start that can still be saved: the latest ones, in memory. */
import { CountersteerError } from "../../../errors.ts";
import type { Side } from "../api/playground.ts";
import type { SideAnswer } from "./answer-pair.ts";
import type { ChosenPair } from "./chosen-pair.ts";
import type { OpenedPlayground } from "./open-session.ts";

export interface KeptAnswer {
  pair: ChosenPair;
  answers: Record<Side, SideAnswer>;
  /** Label of the steered latent. */
  label: string | null;
  /** What it was answered with. */
  made: Pick<OpenedPlayground, "manifest" | "calibration">;
  createdAt: string;
}

export class KeptAnswers {
  readonly #most: number;
  readonly #answers = new Map<string, KeptAnswer>();

  constructor({ most }: { most: number }) {
    this.#most = most;
  }

  put(id: string, answer: KeptAnswer): void {
    this.#answers.set(id, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#most) return;
      this.#answers.delete(oldest);
    }
  }

  /** In the order in which they are asked for, each once. Throws REQUEST_INVALID where one is not kept. */
  get(ids: readonly string[]): KeptAnswer[] {
    return [...new Set(ids)].map((id) => {
      const answer = this.#answers.get(id);
      if (answer !== undefined) return answer;
      throw new CountersteerError("REQUEST_INVALID", {
        what: "One of these answers is not kept any more.",
        why: `The viewer was started anew since, or ${this.#most} later answers took its place.`,
        todo: "Leave it out, or answer it again: the same settings and seed give the same text.",
        facts: { id },
      });
    });
  }
}
