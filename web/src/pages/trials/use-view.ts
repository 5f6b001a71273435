/** The rows to ask for while the table is scrolled. */
import { useEffect, useState } from "react";
import { PAGE_ROWS, type View } from "./use-trial-rows.ts";

/** Milliseconds that a far jump must rest before its rows are asked for: a dragged scroll bar passes thousands. */
const REST_MS = 60;

/** Follows `view` at once where it moves on, and when it rests where it jumps. */
export function useRestingView(view: View): View {
  const [resting, setResting] = useState(view);
  const isNear = Math.abs(view.first - resting.first) < PAGE_ROWS;
  const { first, last } = view;
  useEffect(() => {
    const timer = setTimeout(() => setResting({ first, last }), isNear ? 0 : REST_MS);
    return () => clearTimeout(timer);
  }, [first, last, isNear]);
  return isNear ? view : resting;
}
