/** Several servers answer as one, so they have to be one: the same model, the same versions, the same dictionaries. */
import { CountersteerError, messageOf } from "../../errors.ts";
import { differences, type ReadyHealth } from "./handshake.ts";

/** The root of a server from what a person writes: no slash and no `/v1` at its end. Throws CONFIG_INVALID. */
export function rootOf(url: string): string {
  try {
    const { protocol, origin, pathname, username } = new URL(url);
    if ((protocol === "http:" || protocol === "https:") && username === "") {
      return origin + pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
    }
  } catch (cause) {
    throw badUrl(url, messageOf(cause), cause);
  }
  throw badUrl(url, "it is no http or https address, or holds a password", undefined);
}

function badUrl(url: string, reason: string, cause: unknown): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `"${url}" is not the address of a server.`,
    why: `The reason: ${reason}.`,
    todo: "Give an address such as http://node-7:8000; a key goes into COUNTERSTEER_VLLM_API_KEY.",
    facts: { url },
    cause,
  });
}

/** The first of them. Throws CONFIG_INVALID where another one differs. */
export function refuseUnequal({
  urls,
  all,
}: {
  urls: readonly string[];
  all: readonly ReadyHealth[];
}): ReadyHealth {
  const [first, ...others] = all;
  if (first === undefined) throw new RangeError("no server");
  for (const [i, other] of others.entries()) {
    const differ = differences(first, other);
    if (differ.length === 0) continue;
    const url = urls[i + 1];
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${urls[0]} and ${url} differ in ${differ.join(", ")}.`,
      why: "Trials of one run have to come from one model, whichever server answers.",
      todo: "Start all servers with the same model, flags and versions.",
      facts: { urls: [urls[0], url], differ },
    });
  }
  return first;
}

/** Throws RUNS_UNEQUAL where a server that was away serves something else now. */
export function refuseReturned({
  url,
  before,
  now,
}: {
  url: string;
  before: ReadyHealth;
  now: ReadyHealth;
}): void {
  const differ = differences(before, now);
  if (differ.length === 0) return;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: `${url} came back with another ${differ.join(", ")}.`,
    why: "Its trials would not be comparable with those before.",
    todo: "Start it again as it was, and go on with `countersteer resume`.",
    facts: { url, differ },
  });
}
