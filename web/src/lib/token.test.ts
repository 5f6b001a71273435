import { describe, expect, test } from "vitest";
import { readToken, takeToken, tokenIn } from "./token.ts";

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe("the token of this start", () => {
  test("leaves the address and stays in the tab", () => {
    const storage = memory();
    const addresses: string[] = [];
    takeToken({
      location: { hash: "#token=a-b_1", pathname: "/run/x", search: "?arm=steered" },
      history: { replaceState: (_data, _unused, url) => void addresses.push(String(url)) },
      storage,
    });
    expect(addresses).toEqual(["/run/x?arm=steered"]);
    expect(readToken(storage)).toBe("a-b_1");
  });

  test("an address without one changes nothing", () => {
    const storage = memory();
    storage.setItem("countersteer-token", "kept");
    takeToken({
      location: { hash: "#main", pathname: "/", search: "" },
      history: { replaceState: () => expect.unreachable("the address was changed") },
      storage,
    });
    expect(readToken(storage)).toBe("kept");
  });

  test.each([
    ["#token=abc", "abc"],
    ["http://127.0.0.1:8080/#token=abc", "abc"],
    ["http://127.0.0.1:8080/run/x?a=1#token=abc", "abc"],
    ["#token=", null],
    ["abc", null],
    ["", null],
  ])("in %j it is %j", (text, token) => {
    expect(tokenIn(text)).toBe(token);
  });
});
