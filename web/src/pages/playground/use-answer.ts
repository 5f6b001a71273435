/** Asks the playground and keeps what streams in. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import {
  type PlaygroundRequest,
  playgroundEventSchema,
} from "../../../../src/server/viewer/api/playground.ts";
import { api } from "../../lib/api.ts";
import { type AnswerState, answerReducer, NO_ANSWER } from "./answer-state.ts";

export interface UseAnswer {
  state: AnswerState;
  ask: (request: PlaygroundRequest) => void;
  /** Closes the connection, which ends both answers. */
  stop: () => void;
}

export function useAnswer(): UseAnswer {
  const [state, dispatch] = useReducer(answerReducer, NO_ANSWER);
  const running = useRef<AbortController | null>(null);
  const stop = useCallback(() => {
    running.current?.abort();
    running.current = null;
    dispatch({ type: "stop" });
  }, []);
  const ask = useCallback((request: PlaygroundRequest) => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    dispatch({ type: "start", request });
    const isCurrent = () => running.current === own;
    const read = async () => {
      const events = api.events({
        path: "/api/playground/answer",
        schema: playgroundEventSchema,
        body: request,
        signal: own.signal,
      });
      for await (const event of events) {
        if (!isCurrent()) return;
        dispatch({ type: "event", event });
      }
      // a whole answer says that it is done; after that this changes nothing
      if (isCurrent()) dispatch({ type: "fail", problem: CUT_OFF });
    };
    read().catch((problem: unknown) => {
      if (isCurrent()) dispatch({ type: "fail", problem });
    });
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  return { state, ask, stop };
}

const CUT_OFF = {
  code: "STREAM_CUT_OFF",
  what: "The answers were cut off.",
  why: "The connection to the viewer's server ended before they did.",
  todo: "See whether `countersteer view` still runs, and ask again.",
};
