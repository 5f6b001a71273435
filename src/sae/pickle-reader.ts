/** The bytes of a pickle, taken one after the other. */
import { unreadable } from "./sae-errors.ts";

export class PickleReader {
  readonly path: string;
  readonly #bytes: Buffer;
  #at = 0;

  constructor({ path, bytes }: { path: string; bytes: Buffer }) {
    this.path = path;
    this.#bytes = bytes;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw this.damaged(`it ends at byte ${this.#bytes.length}, and ${end} are needed`);
    }
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  /** Text that is as long as the count before it says. */
  text(length: number): string {
    return this.take(length).toString("utf8");
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end === -1) throw this.damaged("a line has no end");
    const text = this.text(end - this.#at);
    this.take(1);
    return text;
  }

  /** A little-endian two's-complement number of at most 8 bytes. Larger ones count nothing that exists. */
  integer(length: number): number {
    if (length > 8) throw this.damaged(`a number has ${length} bytes`);
    if (length === 0) return 0;
    const bits = this.take(length).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * length, bits));
  }

  damaged(why: string) {
    return unreadable({
      path: this.path,
      why: `Its pickle is damaged: ${why}.`,
      facts: { byte: this.#at },
    });
  }
}
