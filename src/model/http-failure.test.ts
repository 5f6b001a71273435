import fc from "fast-check";
import { expect, test } from "vitest";
import { httpFailure, isTransient, retryAfterMs } from "./http-failure.ts";

test("Retry-After in seconds and as a date mean the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (seconds) => {
      const now = Date.UTC(2025, 1, 3, 4, 5, 6);
      const date = new Date(now + seconds * 1000).toUTCString();
      expect(retryAfterMs({ header: String(seconds), now })).toBe(seconds * 1000);
      expect(retryAfterMs({ header: date, now })).toBe(seconds * 1000);
    }),
  );
});

test("a date in the past asks for no wait, an unreadable header for none in particular", () => {
  expect(retryAfterMs({ header: new Date(0).toUTCString(), now: 5000 })).toBe(0);
  expect(retryAfterMs({ header: "soon", now: 0 })).toBeNull();
  expect(retryAfterMs({ header: null, now: 0 })).toBeNull();
});

test.each([401, 403, 404, 410])("%i is final and says what to do", (status) => {
  expect(isTransient(status)).toBe(false);
  const error = httpFailure({ url: "u", status });
  expect(error.facts.status).toBe(status);
  expect(error.why).toContain(String(status));
});

test.each([408, 429, 500, 503])("%i may pass", (status) => {
  expect(isTransient(status)).toBe(true);
});
