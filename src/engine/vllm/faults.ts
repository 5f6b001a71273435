/** What can go wrong between us and a server, by what to do about it. */
import { messageOf } from "../../errors.ts";

/** The server is there and could not answer this time (5xx, 429, too late): the request may be given out again after a pause. */
export class TransientFault extends Error {
  readonly retryAfterMs: number | null;

  constructor(message: string, { retryAfterMs = null }: { retryAfterMs?: number | null } = {}) {
    super(message);
    this.name = "TransientFault";
    this.retryAfterMs = retryAfterMs;
  }
}

export function retryAfter(fault: unknown): number | null {
  return fault instanceof TransientFault ? fault.retryAfterMs : null;
}

/** The server was started again since its handshake: what it answers now may come from another model. */
export class ServerRestarted extends Error {
  constructor() {
    super("the server was started again");
    this.name = "ServerRestarted";
  }
}

const LOST = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** The connection was refused or broke off, or the server is not the one that we knew: it is asked who it is before it is asked again. */
export function isServerLoss(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if (fault instanceof ServerRestarted) return true;
  const code = "code" in fault ? fault.code : undefined;
  if (typeof code === "string" && LOST.has(code)) return true;
  return /socket hang up|aborted|premature close|terminated/i.test(messageOf(fault));
}
