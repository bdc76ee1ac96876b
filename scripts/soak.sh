#!/usr/bin/env bash
# A long run at a fixed memory ceiling: generated rows through tumbling windows by symbol, results summed.
#
# usage: scripts/soak.sh [--rows N] [--ceiling MiB]
#   --rows N        rows generated (1000000000)
#   --ceiling MiB   most resident memory, checked while it runs and at the end (64)
#
# Rows come out of order by up to 50 ms, the watermark waits 100 ms, one row in twenty is filtered, windows are a
# minute long: a billion rows are 16,700 windows of a thousand symbols. Fails when the process ever holds more than
# the ceiling, when it holds more in the last quarter of the run than in the second (the first warms up; 2 MiB are
# allowed for: a stall of the host may fill boxes of the rings that were never full before), when a record is unaccounted
# for, late or rejected, or when the counts of all result rows do not sum to the records used. Prints rows a second, and
# the generator's alone. VELO_BIN names a program that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

rows=1000000000 ceiling=64
while [ $# -gt 0 ]; do
  case $1 in
    --rows) rows=${2:?--rows takes a number}; shift ;;
    --ceiling) ceiling=${2:?--ceiling takes MiB}; shift ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
[ -n "${VELO_BIN:-}" ] || cargo build --quiet --release --bin velo-tpc
velo=${VELO_BIN:-${CARGO_TARGET_DIR:-target}/release/velo-tpc}

work=$(mktemp -d)
pid=''
trap 'rm -rf "$work"; [ -z "$pid" ] || kill -KILL "$pid" 2> /dev/null || true' EXIT
fail() { echo "soak: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\":\([0-9.e+-]*\).*/\1/p" "$work/report"; }

cat > "$work/query.sql" << SQL
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '100' MILLISECOND
) WITH ('connector' = 'generator', 'rows' = '$rows', 'disorder' = '50ms');

CREATE TABLE bars (trades BIGINT, window_start TIMESTAMP, symbol VARCHAR, volume BIGINT, low DECIMAL(18,4), high DECIMAL(18,4))
WITH ('connector' = 'stdout', 'format' = 'csv');

INSERT INTO bars
SELECT COUNT(*), window_start, symbol, SUM(size), MIN(price), MAX(price)
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
WHERE size > 50
GROUP BY window_start, window_end, symbol
EMIT FINAL;
SQL

mkfifo "$work/rows"
awk -F, '{ count++; sum += $1 } END { printf "%d %.0f\n", count, sum }' < "$work/rows" > "$work/sums" &
summing=$!
"$velo" run "$work/query.sql" --no-progress --report json > "$work/rows" 2> "$work/report" &
pid=$!

# A sample every tenth of a second, every second once there are a hundred.
: > "$work/samples"
samples=0
while kill -0 "$pid" 2> /dev/null; do
  resident=$(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status" 2> /dev/null || true)
  if [ -n "$resident" ]; then
    echo "$resident" >> "$work/samples"
    samples=$((samples + 1))
    [ "$resident" -le $((ceiling * 1024)) ] || fail "$((resident / 1024)) MiB held after $samples samples, more than $ceiling"
  fi
  if [ "$samples" -lt 100 ]; then sleep 0.1; else sleep 1; fi
done
code=0
wait "$pid" || code=$?
pid=''
[ "$code" -eq 0 ] || { cat "$work/report" >&2; fail "the run ended with code $code"; }
wait "$summing"

read -r emitted counted < "$work/sums"
read=$(number read) used=$(number used) filtered=$(number filtered) late=$(number late) rejected=$(number rejected)
peak=$(number memory_peak_bytes)
[ "$read" = "$rows" ] || fail "$read records read, not $rows"
[ "$late $rejected" = "0 0" ] || fail "$late late, $rejected rejected"
[ $((used + filtered + late + rejected)) -eq "$read" ] || fail "the ledger does not sum: $(cat "$work/report")"
[ "$filtered" -gt 0 ] || fail "no record was filtered"
[ "$counted" = "$used" ] || fail "the result rows count $counted records, $used were used"
[ "$emitted" = "$(number emitted)" ] || fail "$emitted result rows seen, $(number emitted) reported"
[ "$peak" -le $((ceiling * 1048576)) ] || fail "$((peak / 1048576)) MiB at the peak, more than $ceiling"

# quarter K: the greatest sample of the K-th quarter, in KiB.
quarter() { awk -v k="$1" -v n="$samples" 'NR > n * (k - 1) / 4 && NR <= n * k / 4 && $1 > most { most = $1 } END { print most + 0 }' "$work/samples"; }
[ "$samples" -ge 8 ] || fail "only $samples samples: take more rows"
warm=$(quarter 2) last=$(quarter 4)
[ "$last" -le $((warm + 2048)) ] || fail "memory grew from $warm KiB in the second quarter to $last KiB in the last"

start=${EPOCHREALTIME/./}
"$velo" gen trades --rows "$((rows < 20000000 ? rows : 20000000))" --disorder 50ms > /dev/null
alone=$(awk -v us=$((${EPOCHREALTIME/./} - start)) -v rows="$((rows < 20000000 ? rows : 20000000))" 'BEGIN { printf "%.1f", rows / us }')
awk -v rows="$rows" -v rate="$(number records_per_second)" -v alone="$alone" -v used="$used" -v filtered="$filtered" \
  -v emitted="$emitted" -v peak="$peak" -v warm="$warm" -v last="$last" -v samples="$samples" 'BEGIN {
  printf "soak: %d rows = %d used + %d filtered; %d result rows count the same\n", rows, used, filtered, emitted
  printf "soak: %.2f M rows/s, the generator inside (alone on one core: %s)\n", rate / 1e6, alone
  printf "soak: %.1f MiB at the peak; greatest of %d samples: %.1f MiB in the second quarter, %.1f MiB in the last\n",
    peak / 1048576, samples, warm / 1024, last / 1024
}'
