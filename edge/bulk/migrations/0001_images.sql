-- One row an object of a bucket: its code, or the problem that prevented one.
-- Without a rowid the rows lie in the order of their key: a row costs one write, a page one range to read.
CREATE TABLE images (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  etag TEXT NOT NULL, -- of the object that was read
  code TEXT, -- base64url without padding
  width INTEGER, -- of the image, in pixels
  height INTEGER,
  model TEXT, -- its name
  bytes INTEGER, -- of the code
  mse REAL, -- samples on [0, 1]
  in_distribution INTEGER, -- 0 or 1
  settings TEXT NOT NULL, -- the model and bounds it was made with: another text, and it is outdated
  at TEXT NOT NULL, -- ISO 8601
  error TEXT, -- a problem as JSON: type, title, status, detail
  PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX images_failed ON images (bucket, key) WHERE error IS NOT NULL;

-- One row a run of the Workflow, written after each of its steps.
CREATE TABLE backfills (
  id TEXT PRIMARY KEY,
  params TEXT NOT NULL, -- JSON
  started_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  state TEXT NOT NULL, -- listing, draining, complete
  listed INTEGER NOT NULL,
  listed_bytes INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  queued_bytes INTEGER NOT NULL,
  missing INTEGER NOT NULL, -- rows whose object is gone
  last_key TEXT, -- listed up to here
  report TEXT -- JSON, at the end
) STRICT, WITHOUT ROWID;

-- What the consumer last saw of its queues.
CREATE TABLE queues (
  name TEXT PRIMARY KEY,
  backlog INTEGER NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
