/** The process of one kind: `node run-kind.ts KIND`, told its cases over IPC. Whatever happens to it happens to no other kind. */
import { z } from "zod";
import { kindNamed } from "./kinds.ts";
import { runKind } from "./loop.ts";

/** The parent is our own code; the schema guards against calls by hand. */
const orderSchema = z.object({ kind: z.string(), cases: z.array(z.int().min(0)) });

process.once("message", async (message) => {
  const { kind, cases } = orderSchema.parse(message);
  try {
    const result = await runKind({
      kind: kindNamed(kind),
      cases,
      onCase: (number) => process.send?.({ type: "case", number }),
    });
    process.send?.({ type: "result", result });
  } catch (error) {
    process.send?.({
      type: "broken",
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
  process.disconnect();
});
