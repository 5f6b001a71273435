/** Streams a growing text piece by piece without ever showing the beginning of a stop string that is then cut off. */
export class StopHold {
  readonly #stop: string[];
  #sent = 0;

  constructor({ stop }: { stop: string[] }) {
    this.#stop = stop;
  }

  /** Takes the whole text so far; returns what can be shown now. */
  push(text: string): string {
    return this.#show(text, this.#safeEnd(text));
  }

  /** Takes the final text, stop string already cut; returns what was still held back. */
  finish(text: string): string {
    return this.#show(text, text.length);
  }

  #show(text: string, end: number): string {
    const piece = text.slice(this.#sent, end);
    this.#sent = Math.max(this.#sent, end);
    return piece;
  }

  #safeEnd(text: string): number {
    let end = text.length;
    for (const stop of this.#stop) {
      const at = text.indexOf(stop);
      if (at >= 0) {
        end = Math.min(end, at);
        continue;
      }
      for (let size = Math.min(stop.length - 1, text.length); size > 0; size--) {
        if (text.endsWith(stop.slice(0, size))) {
          end = Math.min(end, text.length - size);
          break;
        }
      }
    }
    return end;
  }
}
