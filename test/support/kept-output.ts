/** A stream that keeps what is written, for tests of what a terminal shows. */
import type { Output } from "../../src/cli/terminal.ts";

export class KeptOutput implements Output {
  readonly isTTY: boolean;
  readonly columns = 80;
  readonly rows = 24;
  text = "";

  constructor({ isTTY }: { isTTY: boolean }) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}
