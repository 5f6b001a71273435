import { expect, test } from "vitest";
import { isAllowedHost } from "./allowed-host.ts";

test.each([
  ["127.0.0.1:8080", true],
  ["localhost:1", true],
  ["LOCALHOST", true],
  ["localhost.", true],
  ["[::1]:8080", true],
  ["192.168.0.7", true],
  ["gpu-box:8080", true],
  ["GPU-Box", true],
  ["evil.example", false],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["evil.example#localhost", false],
  ["user@evil.example", false],
  ["", false],
  [undefined, false],
])("Host %s is let in: %s", (host, allowed) => {
  expect(isAllowedHost({ host, names: ["gpu-box"] })).toBe(allowed);
});
