/** Where training rows come from. The trainer asks for rows; it knows nothing of models. */

/** Where a source that walks through blocks stands: rows of `block` of `epoch` that were given out already. */
export interface ActivationPosition {
  epoch: number;
  block: number;
  taken: number;
}

export interface ActivationSource {
  readonly dModel: number;
  /** The next rows, `[n, d_model]` with n <= max; n = 0 at the end. Fewer rows than `max` are no sign of the end. */
  next(options: { max: number; signal?: AbortSignal | undefined }): Promise<Float32Array>;
  /** A JSON value from which a new source can go on exactly after the rows given out so far. */
  position(): unknown;
  close(): Promise<void>;
}
