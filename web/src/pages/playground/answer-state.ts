/** Two answers while they stream in. */
import type {
  PlaygroundEvent,
  PlaygroundRequest,
  Side,
} from "../../../../src/server/viewer/api/playground.ts";
import { counted } from "../../lib/format.ts";

export type Curves = Extract<PlaygroundEvent, { type: "curves" }>;
export type End = Extract<PlaygroundEvent, { type: "end" }>;

export interface SideState {
  text: string;
  curves: Curves | null;
  end: End | null;
}

export interface AnswerState {
  phase: "idle" | "running" | "ended" | "stopped" | "failed";
  /** What the server says that it does. */
  status: string;
  /** What was asked; null before the first question. */
  request: PlaygroundRequest | null;
  sides: Record<Side, SideState>;
  /** For saving; null until both sides ended. */
  answer: string | null;
  problem: unknown;
}

export type AnswerAction =
  | { type: "start"; request: PlaygroundRequest }
  | { type: "event"; event: PlaygroundEvent }
  | { type: "stop" }
  | { type: "fail"; problem: unknown };

const NO_SIDE: SideState = { text: "", curves: null, end: null };
export const NO_ANSWER: AnswerState = {
  phase: "idle",
  status: "",
  request: null,
  sides: { steered: NO_SIDE, unsteered: NO_SIDE },
  answer: null,
  problem: null,
};

export function answerReducer(state: AnswerState, action: AnswerAction): AnswerState {
  switch (action.type) {
    case "start":
      return { ...NO_ANSWER, phase: "running", status: "Asking", request: action.request };
    case "event":
      // what was still on its way when it was stopped
      return state.phase === "running" ? withEvent(state, action.event) : state;
    case "stop":
      return state.phase === "running" ? { ...state, phase: "stopped" } : state;
    case "fail":
      return state.phase === "running" ? { ...state, phase: "failed", problem: action.problem } : state;
  }
}

function withEvent(state: AnswerState, event: PlaygroundEvent): AnswerState {
  const side = (name: Side, part: Partial<SideState>): AnswerState => ({
    ...state,
    sides: { ...state.sides, [name]: { ...state.sides[name], ...part } },
  });
  switch (event.type) {
    case "status":
      return { ...state, status: event.text };
    case "text":
      return side(event.side, { text: state.sides[event.side].text + event.text });
    case "curves":
      return side(event.side, { curves: event });
    case "end":
      return side(event.side, { end: event, text: event.text });
    case "done":
      return { ...state, phase: "ended", answer: event.answer };
    case "problem":
      return { ...state, phase: "failed", problem: event };
  }
}

/** One line that changes a few times in an answer and not with every token, so that it can be spoken. */
export function statusWords({ phase, status, sides }: AnswerState): string {
  const ended = (["steered", "unsteered"] as const).flatMap((side) => {
    const { end } = sides[side];
    return end === null
      ? []
      : [`${side}: ${counted(end.tokens, "token")}, ${counted(end.attempts.length, "attempt")}`];
  });
  switch (phase) {
    case "idle":
      return "";
    case "running":
      return ended.length === 0 ? `${status}…` : `One answer ended. ${ended.join("; ")}.`;
    case "ended":
      return `Both answers ended. ${ended.join("; ")}.`;
    case "stopped":
      return "Stopped. What was written stays here; it can't be saved.";
    case "failed":
      return "The answers ended early.";
  }
}
