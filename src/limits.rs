//! Every bound of the engine with its derivation, and the relations that must hold between them.

/// Units of ownership of the key space: routing, state, snapshots and rebalancing move whole vnodes.
pub const VNODES: usize = 1024;
/// Workers a job can have. 64 keeps a vnode table entry in a byte and N x N exchanges under 4096 rings.
pub const WORKERS_MAX: usize = 64;
/// Distinct (source, key, strategy) routes of a job: ingest hashes every record once for each.
pub const ROUTES_MAX: usize = 8;
/// Sources of a job.
pub const SOURCES_MAX: usize = 64;
/// Statements of a job that write to a sink.
pub const STATEMENTS_MAX: usize = 64;
/// Rows of VALUES: each of them is compared with the numbers of those before it.
pub const VALUES_ROWS_MAX: usize = 1024;
/// Columns of a table or a query: error masks and field maps index them with 16 bits.
pub const COLUMNS_MAX: usize = 4096;

/// Bytes of a chunk. Two chunks and the columns of a batch stay within a 512 KiB L2.
pub const CHUNK_BYTES: usize = 1 << 18;
/// Readable bytes behind the last record of a chunk, so that vector loads need no bounds test.
pub const CHUNK_PADDING: usize = 64;
/// Longest record accepted; a longer one is counted and skipped. Half a chunk, so that a carried-over
/// record always leaves room to read on.
pub const RECORD_BYTES_MAX: usize = CHUNK_BYTES / 2;
/// Nesting of a JSON record, its own object included: deep enough for any feed, shallow enough to recurse on.
pub const JSON_DEPTH_MAX: u32 = 64;
/// Rows of a full morsel: long enough to pay for one ring hop, short enough for the L2.
pub const MORSEL_ROWS_MAX: usize = 4096;
/// Records in a block of the merged sequence; a keyless aggregate is split by these.
pub const SEQUENCE_BLOCK: u64 = 4096;
/// Morsels in flight between ingest and one worker.
pub const LINK_SLOTS: usize = 16;
/// Output morsels in flight between one worker and egress, for one statement.
pub const OUTPUT_SLOTS: usize = 8;
/// Batches in flight between two workers of an exchange.
pub const EXCHANGE_SLOTS: usize = 8;
/// Rows that an operator hands on at a time when it fires.
pub const FIRE_ROWS_MAX: usize = 4096;
/// Groups of one statement on one worker, unless `max.groups` says otherwise.
pub const GROUPS_MAX: usize = 1 << 27;

/// Groups of which some are over (`state.ttl`) that an operator goes on holding, rather than move the others: below that
/// the memory is not worth another operator.
pub const TTL_COLLECT_MIN: u64 = 32;

/// Error samples kept for one statement and reason; all are counted.
pub const ERROR_SAMPLES_MAX: usize = 3;
/// Between two late records of one statement that a worker logs (`LATE DATA WARN`), by arrival: a person can
/// follow one a second.
pub const LATE_LOG_PERIOD_NS: u64 = 1_000_000_000;
/// Between two ticks of the clock where windows may end at any nanosecond: no person sees less, and an idle core that
/// told its workers of every nanosecond would do nothing else.
pub const TICK_NS_MIN: i64 = 1_000_000;
/// Bytes of the offending text shown in a sample.
pub const ERROR_TEXT_MAX: usize = 120;

/// Between two checkpoints, unless `checkpoint.interval` says otherwise: what a restart reads again.
pub const CHECKPOINT_INTERVAL_NS: i64 = 10_000_000_000;

/// Bytes of a text that REPEAT, LPAD, REPLACE and the like make: a batch of them stays within 256 MiB.
pub const FUNCTION_TEXT_BYTES_MAX: usize = 1 << 16;
/// Bytes of a compiled regular expression, and of the automaton it builds while it runs.
pub const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Nesting of a regular expression, which its compiler recurses on.
pub const PATTERN_DEPTH_MAX: u32 = 64;
/// Compiled patterns that a call with a pattern that is not constant keeps.
pub const PATTERNS_MAX: usize = 16;
/// Time zones that the TIMESTAMP_LTZ types of one process name: the session has one at a time, and its number is a byte.
pub const ZONES_MAX: usize = 64;

/// Subqueries in the expressions of a job, each a job of its own that runs before it.
pub const SUBQUERIES_MAX: usize = 64;
/// Rows of a subquery that IN or EXISTS looks among: every worker keeps them in a table of its own.
pub const SUBQUERY_ROWS_MAX: usize = 1 << 20;
/// Bytes of those rows: texts of 256 bytes in all of them.
pub const SUBQUERY_BYTES_MAX: usize = 1 << 28;
/// Rows that a frame of OVER reaches beyond the current one: each is a call of its own.
pub const FOLLOWING_ROWS_MAX: u32 = 32;
/// Values that IN compares with a row of a subquery: each choice of NULLs among them, and among the row's, has a set of
/// its own.
pub const IN_VALUES_MAX: usize = 4;
/// Arrays that one UNNEST takes side by side.
pub const UNNEST_ARRAYS_MAX: usize = 16;
/// Elements of an array that is unnested. A record holds fewer, with a byte for each and one between; and an order key
/// has room for the elements of elements.
pub const UNNEST_ELEMENTS_MAX: u32 = (1 << 16) - 1;
/// How often elements are unnested again: as often as an order key has room for their numbers.
pub const UNNEST_DEPTH_MAX: usize = 2;
const _: () = assert!((UNNEST_ELEMENTS_MAX as u64).pow(UNNEST_DEPTH_MAX as u32) <= u32::MAX as u64);

/// Windows that one row can be in: a day by the second has 86,400, and each is a row of output.
pub const WINDOWS_PER_ROW_MAX: i64 = 1 << 17;

/// Sets of keys that one GROUP BY may ask for: each becomes a statement.
pub const GROUPING_SETS_MAX: usize = STATEMENTS_MAX;
/// Windows without a row between two that have one which FILL makes rows for: eleven days by the second. More are a
/// wrong time rather than a pause, and each is a row of output for every key.
pub const FILL_WINDOWS_MAX: u64 = 1_000_000;

/// Bytes of SQL text accepted.
pub const SQL_BYTES_MAX: usize = 1 << 20;
/// Words, literals and signs in a text: a text of the full length at 8 bytes for each.
pub const SQL_TOKENS_MAX: usize = SQL_BYTES_MAX / 8;
/// Tokens in one statement that can chain operators; the parser's recursion limit does not see chains,
/// and a tree of 300,000 of them overflows the stack when dropped.
pub const SQL_CHAIN_MAX: usize = 10_000;
/// Depth of parentheses and subqueries accepted.
pub const SQL_DEPTH_MAX: usize = 40;
/// Levels of an expression's tree, chains of AND and OR balanced: what recursive code has to walk, in a debug
/// build on a thread of 2 MiB too.
pub const SQL_EXPRESSION_DEPTH_MAX: usize = 256;

const _: () = assert!(VNODES.is_power_of_two() && VNODES <= 1 << 16);
const _: () = assert!(RECORD_BYTES_MAX * 2 <= CHUNK_BYTES);
const _: () = assert!(FUNCTION_TEXT_BYTES_MAX * MORSEL_ROWS_MAX <= 1 << 28);
const _: () = assert!(CHUNK_BYTES < u32::MAX as usize);
const _: () = assert!(SUBQUERY_ROWS_MAX < u32::MAX as usize);
const _: () = assert!(SUBQUERIES_MAX <= u16::MAX as usize);
const _: () = assert!(RECORD_BYTES_MAX / 2 <= UNNEST_ELEMENTS_MAX as usize + 1);
const _: () = assert!(MORSEL_ROWS_MAX as u64 <= SEQUENCE_BLOCK);
const _: () = assert!(SQL_DEPTH_MAX < SQL_EXPRESSION_DEPTH_MAX);
const _: () = assert!(SQL_EXPRESSION_DEPTH_MAX <= SQL_CHAIN_MAX);
const _: () = assert!(WORKERS_MAX <= u8::MAX as usize);
const _: () = assert!(ZONES_MAX < u8::MAX as usize);
