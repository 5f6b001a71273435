/**
 * Guards a local server against DNS rebinding: a web page whose name was made to point here sends its own name as the Host. An address or
 * `localhost` can't be such a name.
 */
import { isIP } from "node:net";

export function isAllowedHost({
  host,
  names,
}: {
  host: string | undefined;
  names: readonly string[];
}): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) {
    return false;
  }
  const { hostname } = new URL(`http://${host}`);
  const name = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return isIP(name) !== 0 || name === "localhost" || names.some((each) => each.toLowerCase() === name);
}
