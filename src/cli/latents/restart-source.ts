/** Texts in which the model starts over: of stored runs, of documents, or made of the model's own answers. */

import { chatTokens } from "../../engine/chat-tokens.ts";
import type { Engine } from "../../engine/engine.ts";
import { splitRestarts } from "../../judge/restart-splitter.ts";
import {
  madeRestarts,
  type RestartParts,
  type RestartText,
  restartText,
} from "../../latents/backtracking/restart-texts.ts";
import { type Answer, readAnswers } from "../../latents/detectors/answers.ts";
import { regionsOf } from "../../report/activations/regions.ts";
import { openRun } from "../../store/open-store.ts";

export interface RestartSourceOptions {
  engine: Engine;
  /** Folders of runs, and a file of chats; made texts where neither is given. */
  runs: readonly string[];
  docs: string | null;
  /** Answers of which restarts are made. */
  answers: () => Promise<Answer[]>;
  /** Of the part before the phrase and of the part after, each. */
  maxTokens: number;
  seed: number;
}

export async function restartTexts(
  options: RestartSourceOptions,
): Promise<{ texts: RestartText[]; source: string[] }> {
  const { engine, runs, docs, answers, maxTokens, seed } = options;
  const stored = await Promise.all(runs.map((dir) => ofRun({ engine, dir })));
  const written = docs === null ? [] : (await readAnswers({ file: docs })).flatMap(splitParts);
  const parts =
    runs.length === 0 && docs === null ? madeRestarts({ answers: await answers(), seed }) : written;
  const made = await Promise.all(parts.map((each) => restartText({ engine, maxTokens, ...each })));
  return {
    texts: [...stored.flat(), ...made],
    source: [
      ...runs,
      ...(docs === null ? [] : [docs]),
      ...(runs.length === 0 && docs === null ? ["made"] : []),
    ],
  };
}

/** Every judged answer with a restart, as it was generated, behind the question as the judge reads it. */
async function ofRun({ engine, dir }: { engine: Engine; dir: string }): Promise<RestartText[]> {
  using store = openRun({ dir, mode: "read" });
  const texts: RestartText[] = [];
  const judged = [...store.judged({})].toSorted((a, b) => (a.trial.key < b.trial.key ? -1 : 1));
  for (const { trial, judgement } of judged) {
    const regions = regionsOf({ trial, attempts: judgement?.attempts ?? [] });
    if (regions === null) continue;
    const question = await chatTokens({ engine, messages: [{ role: "user", content: trial.prompt }] });
    const { start, end } = regions.correction;
    texts.push({
      tokens: Int32Array.from([...question, ...trial.tokens]),
      from: question.length,
      phrase: { start: question.length + start, end: question.length + end },
    });
  }
  return texts;
}

/** At its first restart; nothing for an answer that has none. */
function splitParts({ prompt, response }: Answer): RestartParts[] {
  const [, second] = splitRestarts(response).attempts;
  if (!second?.restartPhrase) return [];
  const before = response.slice(0, second.start).trimEnd();
  const end = second.start + second.restartPhrase.length;
  return [{ prompt, before, phrase: response.slice(before.length, end), after: response.slice(end) }];
}
