import { describe, expect, it } from "vitest";
import { KeptOutput } from "../../test/support/kept-output.ts";
import { Terminal } from "./terminal.ts";

function open({
  isTTY,
  json = false,
  env = {},
}: {
  isTTY: boolean;
  json?: boolean;
  env?: Record<string, string>;
}) {
  const clock = { now: 0 };
  const stdout = new KeptOutput({ isTTY });
  const stderr = new KeptOutput({ isTTY });
  const terminal = new Terminal({ stdout, stderr, json, env, now: () => clock.now });
  return { terminal, stdout, stderr, clock };
}

describe("Terminal", () => {
  it("writes nothing but the one JSON value to stdout in JSON mode", () => {
    const { terminal, stdout } = open({ isTTY: false, json: true });
    terminal.print("a line");
    terminal.status("busy");
    terminal.note("a note");
    terminal.live(
      () => ["block"],
      () => "status",
    );
    terminal.result({ data: { answer: 42 }, text: () => "text" });
    expect(stdout.text).toBe('{"answer":42}\n');
  });

  it("colours on a terminal only, and never with NO_COLOR", () => {
    expect(open({ isTTY: true }).terminal.style("red", "x")).toBe("\x1b[31mx\x1b[39m");
    expect(open({ isTTY: false }).terminal.style("red", "x")).toBe("x");
    expect(open({ isTTY: true, env: { NO_COLOR: "1" } }).terminal.style("red", "x")).toBe("x");
    expect(open({ isTTY: true, env: { NO_COLOR: "1" } }).terminal.styleError("red", "x")).toBe("x");
    expect(open({ isTTY: true, env: { TERM: "dumb" } }).terminal.style("red", "x")).toBe("x");
  });

  it("logs a status at most every ten seconds where nobody watches", () => {
    const { terminal, stderr, clock } = open({ isTTY: false });
    for (let second = 0; second <= 25; second++) {
      clock.now = 1000 * second;
      terminal.status(`second ${second}`);
    }
    expect(stderr.text).toBe("second 10\nsecond 20\n");
  });

  it("leaves no rest of the live line before other output", () => {
    const { terminal, stdout, stderr } = open({ isTTY: true });
    terminal.status("busy");
    terminal.print("done");
    expect(stderr.text).toBe("\r\x1b[2Kbusy\r\x1b[2K");
    expect(stdout.text).toBe("done\n");
  });

  it("draws a block over the one before it, and shows its end where it is taller than the screen", () => {
    const { terminal, stdout } = open({ isTTY: true });
    terminal.block(["a", "b"]);
    terminal.block(Array.from({ length: 40 }, (_, line) => `line ${line}`));
    expect(stdout.text.startsWith("\x1b[0Ja\nb\n\x1b[2A\x1b[0Jline 17\n")).toBe(true);
    expect(stdout.text.endsWith("line 39\n")).toBe(true);
  });

  it("removes a block only where one was drawn", () => {
    const { terminal, stdout } = open({ isTTY: true });
    terminal.block([]);
    expect(stdout.text).toBe("");
    terminal.block(["a"]);
    terminal.block([]);
    expect(stdout.text).toBe("\x1b[0Ja\n\x1b[1A\x1b[0J");
  });
});
