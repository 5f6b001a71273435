/**
 * Has the system end this process with its parent, on Linux. A process notices the end of its parent only between two native calls, and a call that
 * requantises a large model takes minutes.
 */
import koffi from "koffi";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** Does nothing on other systems, nor where the C library has no such call. */
export function endWithParent(): void {
  if (process.platform !== "linux") return;
  try {
    const prctl = koffi
      .load(null)
      .func("int prctl(int option, ulong second, ulong third, ulong fourth, ulong fifth)");
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  } catch {
    // the end of the channel between the two ends it, if later
  }
}
