-- What becomes of an answer whose client has left: cancel, or read_on.
ALTER TABLE connections ADD COLUMN when_left TEXT NOT NULL DEFAULT 'cancel';
