/** The kernels, by the number under which threads know them. */
export const KERNELS = [
  "prepare",
  "refresh",
  "selectMain",
  "selectDead",
  "keepAbove",
  "decodeMain",
  "decodeDead",
  "invertMain",
  "invertDead",
  "update",
] as const;
export type KernelName = (typeof KERNELS)[number];

/** Most arguments of a kernel besides its share and scratch memory. */
export const MOST_ARGUMENTS = 8;

/** Places in the int32 array that threads meet at. */
export const CONTROL = {
  /** Grows by one with each job. */
  job: 0,
  kernel: 1,
  /** The first unit that no thread has taken. */
  next: 2,
  end: 3,
  /** Units that a thread takes at once. */
  chunk: 4,
  arguments: 5,
  /** Threads that have finished the job. */
  done: 6,
  /** 1: threads end. */
  stop: 7,
  /** Threads whose kernel failed. */
  failed: 8,
} as const;
export const CONTROL_LENGTH = 9;
