/** A file system in memory of a given size, where the machine allows it: Linux, as root, outside of most containers. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface SmallDisk extends Disposable {
  grow: (kib: number) => void;
  /** Lets nobody write, not even root. */
  protect: () => void;
  unprotect: () => void;
}

export function mountSmall({ place, kib }: { place: string; kib: number }): SmallDisk {
  mount(["-t", "tmpfs", "-o", `size=${kib}k`, "none", place]);
  const remount = (option: string) => mount(["-o", `remount,${option}`, place]);
  return {
    grow: (more) => remount(`size=${more}k`),
    protect: () => remount("ro"),
    unprotect: () => remount("rw"),
    [Symbol.dispose]: () => execFileSync("umount", [place], { stdio: "ignore" }),
  };
}

/** null where it can be done here. */
export function whyNoMount(): string | null {
  const place = mkdtempSync(join(tmpdir(), "countersteer-mount-"));
  try {
    mountSmall({ place, kib: 64 })[Symbol.dispose]();
    return null;
  } catch {
    return "no file system can be mounted here";
  } finally {
    rmSync(place, { recursive: true });
  }
}

function mount(args: string[]): void {
  execFileSync("mount", args, { stdio: "ignore" });
}
