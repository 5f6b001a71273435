/** `GET /api/session`: what the app may do here. `POST /api/session/check` answers 204 for a valid token and 401 for any other. */
import { z } from "zod";

export const sessionSchema = z.strictObject({
  version: z.string(),
  /** The folder that is shown, as it was named on the command line. */
  folder: z.string(),
  /** Name of the model that the playground runs; null where it is not to be had, and then `why`. */
  playground: z.strictObject({ model: z.string().nullable(), why: z.string().nullable() }),
});
export type ViewSession = z.infer<typeof sessionSchema>;

/** Header that carries the token of this start; needed by every request that is not GET. */
export const TOKEN_HEADER = "x-countersteer-token";
