/** The token of this start of the server: comes once in the address, behind `#`, and stays in this tab. Without it the app only reads. */

const KEY = "countersteer-token";

/** What of `Storage` is used. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** The token in a fragment such as `#token=abc`, or in a whole address that was pasted; null where there is none. */
export function tokenIn(text: string): string | null {
  const hash = text.indexOf("#");
  const token = new URLSearchParams(text.slice(hash + 1)).get("token")?.trim();
  return token === undefined || token === "" ? null : token;
}

export interface TakeTokenOptions {
  location?: Pick<Location, "hash" | "pathname" | "search">;
  history?: Pick<History, "replaceState">;
  storage?: TokenStorage;
}

/** Moves the token from the address into the tab's storage, so that a copied address does not carry it. */
export function takeToken({
  location = window.location,
  history = window.history,
  storage = window.sessionStorage,
}: TakeTokenOptions = {}): void {
  const token = tokenIn(location.hash);
  if (token === null) return;
  storage.setItem(KEY, token);
  history.replaceState(null, "", `${location.pathname}${location.search}`);
}

export function readToken(storage: TokenStorage = window.sessionStorage): string | null {
  return storage.getItem(KEY);
}

export function keepToken(token: string, storage: TokenStorage = window.sessionStorage): void {
  storage.setItem(KEY, token);
}
