import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { KeptOutput } from "../../test/support/kept-output.ts";
import { CountersteerError } from "../errors.ts";
import { fail } from "./fail.ts";
import { Terminal } from "./terminal.ts";

function failWith({
  error,
  json = false,
  debug = false,
}: {
  error: unknown;
  json?: boolean;
  debug?: boolean;
}) {
  const stdout = new KeptOutput({ isTTY: false });
  const stderr = new KeptOutput({ isTTY: false });
  const terminal = new Terminal({ stdout, stderr, json, env: {} });
  const code = fail({ error, terminal, debug, docs: "docs/errors/" });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const known = new CountersteerError("LATENT_UNKNOWN", {
  what: "The SAE has no latent 9000.",
  why: "Its latents are 0 to 4095.",
  todo: "Choose another.",
  facts: { latent: 9000 },
});

describe("fail", () => {
  it("prints code, what, why, what to do and the page", () => {
    expect(failWith({ error: known })).toMatchInlineSnapshot(`
      {
        "code": 1,
        "stderr": "error LATENT_UNKNOWN
        what       The SAE has no latent 9000.
        why        Its latents are 0 to 4095.
        what to do Choose another.
        more       docs/errors/LATENT_UNKNOWN.md
      ",
        "stdout": "",
      }
    `);
  });

  it("prints only the record on stdout in JSON mode", () => {
    const { code, stdout, stderr } = failWith({ error: known, json: true });
    expect(code).toBe(1);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "LATENT_UNKNOWN",
        what: "The SAE has no latent 9000.",
        why: "Its latents are 0 to 4095.",
        todo: "Choose another.",
        facts: { latent: 9000 },
      },
    });
  });

  it("ends with 130 after Ctrl-C", () => {
    const error = new CountersteerError("ABORTED", { what: "Stopped.", why: "You did.", todo: "Go on." });
    expect(failWith({ error }).code).toBe(130);
  });

  it("shows a stack only in debug mode", () => {
    const error = new Error("boom");
    expect(failWith({ error }).stderr).not.toContain("fail.test.ts");
    expect(failWith({ error }).stderr).toContain("UNEXPECTED");
    expect(failWith({ error, debug: true }).stderr).toContain("fail.test.ts");
  });

  it("turns commander's refusals into our form, and lets its help end well", () => {
    const usage = new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'");
    expect(failWith({ error: usage }).stderr).toContain("CONFIG_INVALID\n  what       Unknown option '--x'.");
    expect(failWith({ error: new CommanderError(0, "commander.helpDisplayed", "(help)") })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  it("adds nothing to the help that a group prints without its subcommand", () => {
    const error = new CommanderError(1, "commander.help", "(outputHelp)");
    expect(failWith({ error })).toEqual({ code: 1, stdout: "", stderr: "" });
  });
});
