/** Invariant 8 for every judge: attempts that are not in the response are taken out and counted, before anything is stored. */
import type { Judgement } from "./judge.ts";
import { verifyAttempts } from "./verify-attempts.ts";

/** The judgement with accepted attempts only; `detail.rejectedAttempts` counts the others. What has no scored attempt left is not `scored`. */
export function verifyJudgement({
  response,
  judgement,
}: {
  response: string;
  judgement: Judgement;
}): Judgement {
  const { accepted, rejected } = verifyAttempts({ response, attempts: judgement.attempts });
  if (rejected.length === 0) {
    return judgement;
  }
  const scored = accepted.some(({ score }) => score !== null);
  return {
    ...judgement,
    // a judge whose every scored attempt was invented has not judged this response
    status: judgement.status === "scored" && !scored ? "unparsable" : judgement.status,
    attempts: judgement.status === "scored" && !scored ? [] : accepted,
    detail: { ...judgement.detail, rejectedAttempts: rejected.length },
  };
}
