#!/usr/bin/env bash
# Measures velo-tpc against the hand-written one-core programs of benches/baseline.rs, on the same file, in turn.
#
# usage: scripts/bench.sh [--quick] [--rows N] [--runs N] [--record]
#   --quick    1 M rows, one run: checks the answers, its times mean little
#   --rows N   rows of the file (10000000)
#   --runs N   pairs per query (5)
#   --record   also writes benches/record/DATE-COMMIT.md
#
# The file is made once by `velo-tpc gen trades` in ${XDG_CACHE_HOME:-~/.cache}/velo-tpc. Nothing is timed before the
# row counts are right: rows read = rows of the file, none late, none rejected, and as many rows out as the baseline
# has groups (S3b and S1: one for each row in). VELO_BIN and VELO_BASELINE name programs that are built already.
set -euo pipefail
cd "$(dirname "$0")/.."

rows=10000000 runs=5 record=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rows=1000000 runs=1 ;;
    --rows) rows=${2:?--rows takes a number}; shift ;;
    --runs) runs=${2:?--runs takes a number}; shift ;;
    --record) record=yes ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done

if [ -z "${VELO_BIN:-}" ] || [ -z "${VELO_BASELINE:-}" ]; then
  cargo build --release --bin velo-tpc --example baseline
  target=${CARGO_TARGET_DIR:-target}
fi
velo=${VELO_BIN:-$target/release/velo-tpc}
baseline=${VELO_BASELINE:-$target/release/examples/baseline}

cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/velo-tpc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FILE=$cache/trades-$rows.csv
if [ ! -f "$FILE" ]; then
  mkdir -p "$cache"
  "$velo" gen trades --rows "$rows" -o "$work/trades.csv"
  mv "$work/trades.csv" "$FILE"
fi
cat "$FILE" > /dev/null

fail() { echo "bench: $*" >&2; exit 1; }
# The first number of a JSON line under a key.
number() { sed -n "s/.*\"$1\":\([0-9.e+-]*\).*/\1/p" <<< "$2"; }

# run_velo QUERY FLAGS: prints rows/s, rows out, bytes of memory; fails on a row that was lost.
run_velo() {
  local query=$1 flags=$2 report
  # shellcheck disable=SC2086 # flags are words
  report=$(timeout -s KILL 300 "$velo" run "benches/queries/$query.sql" $flags --no-progress --report json \
    2>&1 > /dev/null | tail -n 1) || fail "$query $flags: $report"
  local read late rejected
  read=$(number read "$report") late=$(number late "$report") rejected=$(number rejected "$report")
  [ "$read $late $rejected" = "$rows 0 0" ] ||
    fail "$query $flags: read $read, late $late, rejected $rejected of $rows rows"
  echo "$(number records_per_second "$report") $(number emitted "$report") $(number memory_peak_bytes "$report")"
}

# run_baseline SHAPE: prints rows/s and rows out.
run_baseline() {
  local line
  line=$(timeout -s KILL 300 "$baseline" "$FILE" --shape "$1") || fail "baseline $1"
  [ "$(number rows "$line")" = "$rows" ] || fail "baseline $1: $line"
  echo "$(number rows_per_second "$line") $(number out_rows "$line")"
}

# Least, median and greatest of the numbers on stdin, divided by $1.
spread() {
  sort -g | awk -v unit="$1" '{ v[NR] = $1 / unit }
    END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
          printf "%.2f / %.2f / %.2f\n", v[1], m, v[NR] }'
}

# query, shape of the baseline (-: none), rows out (a number, or as the baseline)
shapes="s0 S0 as-baseline
s0_csv S0 as-baseline
s2 S2 as-baseline
s3a S3a as-baseline
s3b - $rows
s1 - $rows"
first_cpu=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
placements=("--cores $first_cpu --workers 1|one core")
[ "$(nproc)" -eq 1 ] || placements=("|$(nproc) cores" "${placements[@]}")

# measure QUERY SHAPE EXPECTED FLAGS PLACE: checks, times the pairs, prints a row of the table.
measure() {
  local query=$1 shape=$2 expected=$3 flags=$4 place=$5 ours theirs run
  : > "$work/ours"; : > "$work/theirs"; : > "$work/ratio"; : > "$work/memory"
  for ((run = 0; run < runs; run++)); do
    ours=$(run_velo "$query" "$flags")
    echo "${ours%% *}" >> "$work/ours"
    echo "${ours##* }" >> "$work/memory"
    if [ "$shape" != - ]; then
      theirs=$(run_baseline "$shape")
      echo "${theirs%% *}" >> "$work/theirs"
      awk -v a="${ours%% *}" -v b="${theirs%% *}" 'BEGIN { print a / b }' >> "$work/ratio"
      [ "$expected" != as-baseline ] || expected=${theirs##* }
    fi
    local emitted
    emitted=$(cut -d' ' -f2 <<< "$ours")
    [ "$emitted" = "$expected" ] || fail "$query $flags: $emitted rows out, not $expected"
  done
  local theirs_text=- ratio_text=-
  if [ "$shape" != - ]; then
    theirs_text=$(spread 1e6 < "$work/theirs") ratio_text=$(spread 1 < "$work/ratio")
  fi
  local memory
  memory=$(sort -g "$work/memory" | tail -n 1 | awk '{ printf "%.0f", $1 / 1048576 }')
  echo "| $query | $place | $(spread 1e6 < "$work/ours") | $theirs_text | $ratio_text | $memory | $expected |"
}

# Milliseconds from the start of the process to the first row on its stdout.
first_row() {
  local start end row sql="SELECT symbol, price, size FROM '$FILE' WHERE size > 500"
  start=${EPOCHREALTIME/./}
  { IFS= read -r row && IFS= read -r row; } < <("$velo" run -e "$sql" --format csv --report none --no-progress 2> /dev/null)
  end=${EPOCHREALTIME/./}
  [ -n "$row" ] || fail "no first row"
  awk -v us=$((end - start)) 'BEGIN { print us / 1000 }'
}

report() {
  local commit
  commit=$(git rev-parse --short HEAD 2> /dev/null || echo unknown)
  [ -z "$(git status --porcelain --untracked-files=no 2> /dev/null)" ] || commit="$commit with changes"
  echo "# velo-tpc against hand-written programs"
  echo
  echo "* $(date -u '+%Y-%m-%d %H:%M UTC'), commit $commit"
  echo "* $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg) before"
  echo "* \`scripts/bench.sh --rows $rows --runs $runs\`; $(stat -c %s "$FILE") bytes of CSV in the page cache"
  echo
  echo "M rows/s, each \`least / median / greatest\` of $runs runs. Baseline: benches/baseline.rs, one core, run in turn with"
  echo "velo-tpc; ratio: velo-tpc / baseline, pair by pair. Both count from the start of their work to its end."
  echo
  echo "| query | velo-tpc on | velo-tpc | baseline | ratio | peak MiB | rows out |"
  echo "|---|---|---|---|---|---|---|"
  local query shape expected placement
  while read -r query shape expected; do
    for placement in "${placements[@]}"; do
      measure "$query" "$shape" "$expected" "${placement%%|*}" "${placement##*|}"
    done
  done <<< "$shapes"
  echo
  local run
  echo "Start of the process to its first row on stdout, ms: $(for ((run = 0; run < runs; run++)); do first_row; done | spread 1)"
}

report | tee "$work/report.md"
if [ -n "$record" ]; then
  mkdir -p benches/record
  kept=benches/record/$(date -u +%Y-%m-%d)-$(git rev-parse --short HEAD).md
  cp "$work/report.md" "$kept"
  echo "kept as $kept" >&2
fi
