/** Files of trials that can be imported, by what `--format` calls them. */
export const TABLE_FORMATS = ["jsonl", "csv", "parquet"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];
