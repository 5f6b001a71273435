/** The tables of `run.sqlite`. A change here is a new version; an unknown version is refused, never guessed at. */

/** "CTSR": tells a run from any other SQLite file. */
export const APPLICATION_ID = 0x43545352;
/**
 * 1: integer lists as little-endian blobs, receipts and details as JSON, no facts. 2: lists are packed; receipts, and details of judgements with
 * the components of their attempts, lie packed in `packed`; facts beside them.
 * Version 1 is read as it is, and becomes 2 when it is opened for writing.
 */
export const SCHEMA_VERSION = 2;
/** Bytes. Two trials fit into SQLite's usual 4096, and a fifth of the file would be empty. */
export const PAGE_SIZE = 16384;

/**
 * `digest` is the hash of a row's content: the same key may be written again only with the same digest. `seq` orders rows by time of
 * writing and lets iteration go on while rows are added. JSON columns hold canonical JSON.
 */
const RECORDS = `
CREATE TABLE manifest (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE arms (name TEXT PRIMARY KEY, position INTEGER NOT NULL, content TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE latents (
  role TEXT NOT NULL, latent INTEGER NOT NULL, position INTEGER NOT NULL, label TEXT, detail TEXT NOT NULL, digest TEXT NOT NULL,
  PRIMARY KEY (role, latent)
) STRICT;
CREATE TABLE threshold_samples (
  seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, calibration TEXT NOT NULL, latent INTEGER NOT NULL, purpose TEXT NOT NULL,
  query INTEGER NOT NULL, sample INTEGER NOT NULL, strength REAL NOT NULL, prompt_index INTEGER NOT NULL, seed INTEGER NOT NULL,
  response TEXT NOT NULL, tokens BLOB NOT NULL, score REAL, judgement TEXT NOT NULL, receipt TEXT NOT NULL, error TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT;
CREATE INDEX threshold_samples_by_latent ON threshold_samples (latent, calibration);
CREATE TABLE thresholds (
  calibration TEXT NOT NULL, latent INTEGER NOT NULL, strength REAL NOT NULL, lower REAL NOT NULL, upper REAL NOT NULL,
  stopped TEXT NOT NULL, warning TEXT, verification TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (calibration, latent)
) STRICT;
CREATE TABLE threshold_queries (
  calibration TEXT NOT NULL, latent INTEGER NOT NULL, query INTEGER NOT NULL, strength REAL NOT NULL, scores TEXT NOT NULL,
  PRIMARY KEY (calibration, latent, query), FOREIGN KEY (calibration, latent) REFERENCES thresholds (calibration, latent)
) STRICT;
CREATE TABLE trials (
  seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, arm TEXT NOT NULL, unit TEXT NOT NULL, latent INTEGER, strength REAL NOT NULL,
  prompt_index INTEGER NOT NULL, prompt TEXT NOT NULL, seed INTEGER NOT NULL, text TEXT NOT NULL, tokens BLOB NOT NULL,
  offsets BLOB NOT NULL, finish TEXT, prompt_tokens INTEGER NOT NULL, receipt TEXT NOT NULL, degraded INTEGER NOT NULL,
  error TEXT NOT NULL, created_at TEXT NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX trials_by_unit ON trials (arm, unit);
CREATE TABLE judgements (
  seq INTEGER PRIMARY KEY, trial_key TEXT NOT NULL REFERENCES trials (key), judge TEXT NOT NULL, repeat INTEGER NOT NULL,
  status TEXT NOT NULL, attempts TEXT NOT NULL, detail TEXT NOT NULL, created_at TEXT NOT NULL, digest TEXT NOT NULL,
  UNIQUE (trial_key, judge, repeat)
) STRICT;
CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TABLE activations (
  trial_key TEXT NOT NULL REFERENCES trials (key), name TEXT NOT NULL, row_count INTEGER NOT NULL, columns TEXT NOT NULL,
  scale REAL NOT NULL, half BLOB NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (trial_key, name)
) STRICT;
`;

/** Tables of `trial-facts.ts`, in the file or, for a file that has none, in a connection's own temporary database. */
export function factTables(database: "main" | "temp"): string {
  return `
CREATE TABLE ${database}.trial_facts (
  trial INTEGER PRIMARY KEY, key TEXT NOT NULL, arm TEXT NOT NULL, unit TEXT NOT NULL, latent INTEGER, strength REAL NOT NULL,
  prompt_index INTEGER NOT NULL, failed INTEGER NOT NULL, degraded INTEGER NOT NULL, finish TEXT, tokens INTEGER NOT NULL, mean_dose REAL
) STRICT;
CREATE TABLE ${database}.judgement_facts (
  judge TEXT NOT NULL, trial INTEGER NOT NULL, repeat INTEGER NOT NULL, latest INTEGER NOT NULL, status TEXT NOT NULL,
  scored INTEGER NOT NULL, first REAL, last REAL, first_length INTEGER NOT NULL,
  last_length INTEGER NOT NULL, sizes TEXT NOT NULL, recovered INTEGER, PRIMARY KEY (judge, trial, repeat)
) STRICT, WITHOUT ROWID;
`;
}

/** A row that anything changes loses its facts, so that no statistic is made of what it was; readers then derive them anew and check the row. */
const TRIGGERS = `
CREATE TRIGGER trials_updated AFTER UPDATE ON trials BEGIN
  DELETE FROM trial_facts WHERE trial = old.seq;
END;
CREATE TRIGGER trials_deleted AFTER DELETE ON trials BEGIN
  DELETE FROM trial_facts WHERE trial = old.seq;
  DELETE FROM judgement_facts WHERE trial = old.seq;
END;
CREATE TRIGGER judgements_updated AFTER UPDATE ON judgements BEGIN
  DELETE FROM judgement_facts
  WHERE judge = old.judge AND repeat = old.repeat AND trial = (SELECT seq FROM trials WHERE key = old.trial_key);
END;
CREATE TRIGGER judgements_deleted AFTER DELETE ON judgements BEGIN
  DELETE FROM judgement_facts WHERE judge = old.judge AND trial = (SELECT seq FROM trials WHERE key = old.trial_key);
END;
`;

/** What version 2 adds to version 1. */
export const SECOND_VERSION = `
ALTER TABLE trials ADD COLUMN packed BLOB;
ALTER TABLE judgements ADD COLUMN packed BLOB;
${factTables("main")}
${TRIGGERS}
`;

export const SCHEMA = `${RECORDS}${SECOND_VERSION}`;
