-- For databases without a script of their own. The view is yours to add: see below.
-- The times are in microseconds of UTC since 1970.
CREATE TABLE DRAGONFLOW_LOCK (
	lock_key VARCHAR(200) NOT NULL PRIMARY KEY,
	owner VARCHAR(128) NOT NULL,
	token NUMERIC(18) NOT NULL,
	acquired_at NUMERIC(18) NOT NULL,
	expires_at NUMERIC(18) NOT NULL,
	released_at NUMERIC(18),
	revoked NUMERIC(1) DEFAULT 0 NOT NULL,
	next_owner VARCHAR(128),
	next_since NUMERIC(18)
);

-- The database's clock, which must not jump with summer time. SQL has no common words for it:
--
-- CREATE VIEW DRAGONFLOW_LOCK_CLOCK (micros) AS SELECT ... ;
