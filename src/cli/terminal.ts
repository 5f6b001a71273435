/** What a command writes with: results on stdout, everything else on stderr, colours and live lines only where a person looks. */
import { styleText } from "node:util";
import { fitWidth } from "./display-width.ts";

export type Style = Parameters<typeof styleText>[0];

/** The part of a writable stream that is used; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export interface TerminalOptions {
  stdout: Output;
  stderr: Output;
  /** Only JSON goes to stdout. */
  json: boolean;
  env: Record<string, string | undefined>;
  /** Milliseconds. @default performance.now */
  now?: () => number;
}

/** Milliseconds between live lines: a person watches, or a log is kept. */
const LIVE_EVERY = 100;
const LOG_EVERY = 10_000;

const CLEAR_LINE = "\r\x1b[2K";

export class Terminal {
  readonly json: boolean;
  /** Whether a person watches stdout. */
  readonly isTTY: boolean;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #stderrIsTTY: boolean;
  readonly #color: boolean;
  readonly #now: () => number;
  #statusAt: number;
  #statusShown = false;
  #blockLines = 0;
  #blockAt = Number.NEGATIVE_INFINITY;

  constructor({ stdout, stderr, json, env, now = () => performance.now() }: TerminalOptions) {
    const smart = env.TERM !== "dumb";
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.isTTY = stdout.isTTY === true && smart && !json;
    this.#stderrIsTTY = stderr.isTTY === true && smart;
    this.#color = (env.NO_COLOR ?? "") === "";
    this.#now = now;
    this.#statusAt = this.#stderrIsTTY ? Number.NEGATIVE_INFINITY : now();
  }

  /** Columns of the screen; 80 where there is none. */
  get columns(): number {
    return this.#stdout.columns ?? this.#stderr.columns ?? 80;
  }

  /** Whether text for stdout may be coloured. */
  get color(): boolean {
    return this.isTTY && this.#color;
  }

  /** A line of the result. Nothing in JSON mode. */
  print(text = ""): void {
    if (!this.json) {
      this.clearStatus();
      this.#stdout.write(`${text}\n`);
    }
  }

  /** The whole result of a command: `data` as JSON in JSON mode, else the text. Call it once. */
  result({ data, text }: { data: unknown; text: () => string }): void {
    if (this.json) {
      this.printJson(data);
    } else {
      this.print(text());
    }
  }

  /** One JSON value on stdout, in either mode. */
  printJson(data: unknown): void {
    this.clearStatus();
    this.#stdout.write(`${JSON.stringify(data, null, this.#stdout.isTTY === true ? 2 : undefined)}\n`);
  }

  /** A line for the person who waits, on stderr, in both modes. */
  note(text: string): void {
    this.clearStatus();
    this.#stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.note(`${this.styleError("yellow", "warning")} ${text}`);
  }

  /** Replaces the live line on stderr. Cheap to call often: at most ten a second are drawn, and one in ten seconds where nobody watches. */
  status(text: string | (() => string)): void {
    const now = this.#now();
    if (now - this.#statusAt < (this.#stderrIsTTY ? LIVE_EVERY : LOG_EVERY)) {
      return;
    }
    this.#statusAt = now;
    const line = typeof text === "string" ? text : text();
    if (this.#stderrIsTTY) {
      const width = (this.#stderr.columns ?? 80) - 1;
      this.#stderr.write(CLEAR_LINE + fitWidth({ text: line, width }));
      this.#statusShown = true;
    } else {
      this.#stderr.write(`${line}\n`);
    }
  }

  /** Removes the live line; the next `status` is drawn at once. */
  clearStatus(): void {
    if (this.#statusShown) {
      this.#stderr.write(CLEAR_LINE);
      this.#statusShown = false;
      this.#statusAt = Number.NEGATIVE_INFINITY;
    }
  }

  /**
   * Draws lines over the block drawn before; no line may be wider than the screen. Does nothing unless stdout is a terminal.
   * The end of a block that is taller than the screen is shown. `block([])` removes it.
   */
  block(lines: string[]): void {
    if (!this.isTTY) {
      return;
    }
    this.clearStatus();
    const shown = lines.slice(-Math.max(1, (this.#stdout.rows ?? 24) - 1));
    if (shown.length === 0 && this.#blockLines === 0) {
      return;
    }
    const up = this.#blockLines > 0 ? `\x1b[${this.#blockLines}A` : "";
    this.#stdout.write(`${up}\x1b[0J${shown.map((line) => `${line}\n`).join("")}`);
    this.#blockLines = shown.length;
  }

  /** Whichever of the two fits: a block where stdout is a terminal, else the status line. Both are made only when drawn. */
  live(block: () => string[], status: () => string): void {
    if (!this.isTTY) {
      this.status(status);
      return;
    }
    const now = this.#now();
    if (now - this.#blockAt >= LIVE_EVERY) {
      this.#blockAt = now;
      this.block(block());
    }
  }

  /** Styles text for stdout; plain where stdout is no terminal or NO_COLOR is set. */
  style(style: Style, text: string): string {
    return this.color ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Styles text for stderr. */
  styleError(style: Style, text: string): string {
    return this.#stderrIsTTY && this.#color ? styleText(style, text, { validateStream: false }) : text;
  }
}
