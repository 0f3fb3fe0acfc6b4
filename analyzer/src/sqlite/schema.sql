-- Tables of `tetra-analyze --sqlite`, version 1. Everything hangs on the key of its bundle, so that one file holds many.
CREATE TABLE bundle (
    bundle TEXT PRIMARY KEY,          -- SHA-256 of the input, hex
    path TEXT NOT NULL,               -- the input as it was given
    layout TEXT NOT NULL,             -- tetra, vendor, folder, capture or loose
    collected TEXT,                   -- when, by the manifest
    covers_from TEXT,                 -- first time of captures and logs
    covers_to TEXT,                   -- last time of them
    tool TEXT NOT NULL,               -- program and version that wrote the rows
    rules TEXT NOT NULL,              -- rule packs used, with version and hash
    verdict TEXT NOT NULL,            -- healthy, degraded, broken or inconclusive
    cause TEXT,                       -- the primary cause
    summary TEXT NOT NULL,            -- the answer in one sentence
    hostname TEXT,
    os TEXT,
    connector_version TEXT,
    definitions_version TEXT,
    last_error TEXT,
    last_success TEXT,
    update_server TEXT,
    proxy TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE observation (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    observation INTEGER NOT NULL,     -- counted from 1
    kind TEXT NOT NULL,               -- as rules/taxonomy.yml names it
    time TEXT,                        -- RFC 3339, UTC
    time_ns INTEGER,                  -- the same, nanoseconds since 1970
    endpoint TEXT,
    attempt INTEGER,
    PRIMARY KEY (bundle, observation)
) STRICT, WITHOUT ROWID;

CREATE TABLE field (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    observation INTEGER NOT NULL,
    name TEXT NOT NULL,               -- as rules/taxonomy.yml names it
    position INTEGER NOT NULL,        -- from 1; above 1 in lists only
    type TEXT NOT NULL,               -- text, int, float, bool or ip
    value ANY,                        -- text, a number, or 0 and 1 for no and yes
    PRIMARY KEY (bundle, observation, name, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    attempt INTEGER NOT NULL,         -- counted from 1 in order of time
    endpoint TEXT NOT NULL,
    start TEXT NOT NULL,
    "end" TEXT NOT NULL,
    target TEXT NOT NULL,             -- the update server
    path TEXT NOT NULL,               -- direct, proxy or socks
    bytes INTEGER NOT NULL,           -- received
    outcome TEXT NOT NULL,            -- ok, failed, unfinished or unknown
    later_success INTEGER NOT NULL,   -- 1 where a later attempt of the endpoint ended well
    PRIMARY KEY (bundle, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE rung (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    rung INTEGER NOT NULL,            -- counted from 1 over all attempts
    attempt INTEGER NOT NULL,
    stage TEXT NOT NULL,              -- discovery, dns, connect, … download, verify
    state TEXT NOT NULL,              -- ok, failed, recovered, not_reached, not_seen or cannot_tell
    summary TEXT NOT NULL,
    at_ms INTEGER,                    -- when it was decided, after the attempt began
    PRIMARY KEY (bundle, rung)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    finding INTEGER NOT NULL,         -- counted from 1
    rule TEXT NOT NULL,
    pack TEXT NOT NULL,
    supports TEXT,                    -- cause it speaks for
    refutes TEXT,                     -- cause it speaks against
    level TEXT NOT NULL,
    strength TEXT,
    summary TEXT NOT NULL,
    attempt INTEGER,
    endpoint TEXT,
    PRIMARY KEY (bundle, finding)
) STRICT, WITHOUT ROWID;

CREATE TABLE cause (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    rank INTEGER NOT NULL,            -- counted from 1; the primary one comes first
    role TEXT NOT NULL,               -- primary, other or consequence
    cause TEXT NOT NULL,              -- as rules/causes.yml names it
    category TEXT NOT NULL,
    stage TEXT NOT NULL,
    confidence TEXT NOT NULL,         -- possible, likely or confirmed
    belief REAL NOT NULL,             -- for ordering only
    explained INTEGER NOT NULL,       -- attempts it explains …
    failed INTEGER NOT NULL,          -- … of those that failed
    summary TEXT NOT NULL,
    PRIMARY KEY (bundle, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    of TEXT NOT NULL,                 -- observation, rung, finding or cause
    number INTEGER NOT NULL,          -- which of them
    position INTEGER NOT NULL,        -- from 1, most telling first
    source TEXT NOT NULL,
    path TEXT NOT NULL,               -- in the bundle
    frame INTEGER,                    -- as Wireshark counts
    line INTEGER,
    element TEXT,
    time TEXT,
    excerpt TEXT NOT NULL,
    PRIMARY KEY (bundle, of, number, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    path TEXT NOT NULL,               -- empty where the source is absent
    state TEXT NOT NULL,              -- read, partly, absent or unreadable
    covers_from TEXT,
    covers_to TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (bundle, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE anomaly (
    bundle TEXT NOT NULL REFERENCES bundle ON DELETE CASCADE,
    number INTEGER NOT NULL,
    path TEXT NOT NULL,
    at TEXT NOT NULL,                 -- line, frame or element, in words
    what TEXT NOT NULL,
    PRIMARY KEY (bundle, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX field_by_name ON field (name, value);
CREATE INDEX observation_by_kind ON observation (kind);
