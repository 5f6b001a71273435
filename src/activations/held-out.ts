/** Which documents are kept from training, to measure on. */
import { createHash } from "node:crypto";
import type { Document } from "./documents.ts";

/**
 * True for about `share` of all topics: decided by the topic alone (by the text where there is none), so that two documents about the same
 * thing lie on the same side, and adding documents moves none to the other.
 */
export function isHeldOut({ document, share }: { document: Document; share: number }): boolean {
  const content =
    document.kind === "chat" ? JSON.stringify([document.prompt, document.response]) : document.text;
  const digest = createHash("sha256")
    .update(document.topic ?? content)
    .digest();
  return digest.readUInt32BE(0) / 2 ** 32 < share;
}
