import { expect, test } from "vitest";
import type {
  PlaygroundEvent,
  PlaygroundRequest,
  Side,
} from "../../../../src/server/viewer/api/playground.ts";
import {
  type AnswerAction,
  type AnswerState,
  answerReducer,
  NO_ANSWER,
  statusWords,
} from "./answer-state.ts";

const request: PlaygroundRequest = {
  prompt: "Hi",
  steering: null,
  ablate: [1],
  metaPrompt: null,
  adapter: null,
  seed: 0,
  temperature: 0,
  maxTokens: 8,
};
const text = (side: Side, piece: string): PlaygroundEvent => ({ type: "text", side, text: piece });
const end = (side: Side, whole: string): PlaygroundEvent => ({
  type: "end",
  side,
  text: whole,
  finish: "stop",
  tokens: 2,
  dose: null,
  rowsEdited: 0,
  attempts: [{ start: 0, end: whole.length, restartPhrase: null, score: 50 }],
});
const after = (events: PlaygroundEvent[], more: AnswerAction[] = [], from = NO_ANSWER): AnswerState =>
  [
    { type: "start", request } as const,
    ...events.map((event) => ({ type: "event", event }) as const),
    ...more,
  ].reduce(answerReducer, from);

test("each side grows by its own pieces, and the end has the last word", () => {
  const state = after([
    text("steered", "Ser"),
    text("unsteered", "Boil "),
    text("steered", "pents"),
    end("steered", "Serpents"),
  ]);
  expect(state.sides.steered.text).toBe("Serpents");
  expect(state.sides.unsteered).toEqual({ text: "Boil ", curves: null, end: null });
  expect(state.phase).toBe("running");
});

test("only what ended whole can be saved, and nothing comes after a stop", () => {
  const whole = [end("steered", "a"), end("unsteered", "b"), { type: "done", answer: "id" } as const];
  expect(after(whole)).toMatchObject({ phase: "ended", answer: "id" });
  const stopped = after(
    [text("steered", "a")],
    [{ type: "stop" }, { type: "event", event: text("steered", "b") }],
  );
  expect(stopped).toMatchObject({ phase: "stopped", answer: null, sides: { steered: { text: "a" } } });
  expect(after([], [], after(whole))).toMatchObject({
    phase: "running",
    answer: null,
    sides: { steered: { end: null } },
  });
});

test("the spoken line does not change with the tokens", () => {
  const events = [{ type: "status", text: "Answering" } as const, text("steered", "a"), text("steered", "b")];
  expect(statusWords(after(events))).toBe("Answering…");
  expect(statusWords(after([...events, end("steered", "ab")]))).toBe(
    "One answer ended. steered: 2 tokens, 1 attempt.",
  );
  const problem = { type: "problem", code: "X", what: "w", why: "y", todo: "t" } as const;
  expect(statusWords(after([...events, problem]))).toBe("The answers ended early.");
});
