#!/usr/bin/env bash
# Measures velo-tpc against the hand-written one-core programs of benches/baseline.rs, on the same file, in turn.
#
# usage: scripts/bench.sh [--quick] [--rows N] [--runs N] [--only QUERY,..] [--record]
#   --quick    1 M rows, one run: checks the answers, its times mean little
#   --rows N   rows of each file (10000000)
#   --runs N   pairs per query (5)
#   --only ..  only these queries of the list below
#   --record   also writes benches/record/DATE-COMMIT.md
#
# Files are made once by `velo-tpc gen trades` in ${XDG_CACHE_HOME:-~/.cache}/velo-tpc: CSV, JSON lines and binary records
# of the same rows with 1000 symbols, and CSV with a fifth as many symbols as rows (of 10 M rows 1.1 M of them occur, by
# Zipf's law).
# Nothing is timed before the answers are right: over 100,000 rows every result row of every query is compared with
# the baseline's, and in each timed run rows read = rows of the file, none late, none rejected, and as many rows out
# as the baseline has. VELO_BIN and VELO_BASELINE name programs that are built already.
set -euo pipefail
cd "$(dirname "$0")/.."

rows=10000000 runs=5 record='' only=''
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rows=1000000 runs=1 ;;
    --rows) rows=${2:?--rows takes a number}; shift ;;
    --runs) runs=${2:?--runs takes a number}; shift ;;
    --only) only=${2:?--only takes queries}; shift ;;
    --record) record=yes ;;
    *) sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
[ -z "$record" ] || [ -z "$only" ] || { echo "bench: a record is of all queries: leave --only out" >&2; exit 2; }

if [ -z "${VELO_BIN:-}" ] || [ -z "${VELO_BASELINE:-}" ]; then
  cargo build --quiet --release --bin velo-tpc --example baseline
  target=${CARGO_TARGET_DIR:-target}
fi
velo=${VELO_BIN:-$target/release/velo-tpc}
baseline=${VELO_BASELINE:-$target/release/examples/baseline}

# name, query file, file of rows, shape of the baseline
queries="s0 s0 csv S0
s0_csv s0_csv csv S0csv
s2 s2 csv S2
s3a s3a csv S3a
s3b s3b csv S3b
hop hop csv hop
session session csv session
s1 s1 csv S1
lag_row_number lag_row_number csv LagRowNumber
count_distinct count_distinct csv CountDistinct
median median csv median
approx_percentile approx_percentile csv percentile
s2_many s2 many S2
s2_json s2_json json S2
s2_binary s2_binary binary S2"

cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/velo-tpc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "bench: $*" >&2; exit 1; }

# data KIND ROWS: the path of a file, which is made if it is not there.
data() {
  local path=$cache/trades-$2 made=$work/made
  case $1 in
    csv) path=$path.csv made=$made.csv ;;
    json) path=$path.jsonl made=$made.jsonl ;;
    many) path=$path-many.csv made=$made.csv ;;
    binary) path=$path.bin made=$made.bin ;;
  esac
  if [ ! -f "$path" ]; then
    mkdir -p "$cache"
    case $1 in
      many) "$velo" gen trades --rows "$2" --symbols $(($2 / 5)) -o "$made" ;;
      *) "$velo" gen trades --rows "$2" -o "$made" ;;
    esac
    mv "$made" "$path"
  fi
  echo "$path"
}

# The first number of a JSON line under a key.
number() { sed -n "s/.*\"$1\":\([0-9.e+-]*\).*/\1/p" <<< "$2"; }

# same FILE FILE [ERROR]: whether both have the same rows; numbers may differ in what sums of DOUBLEs round, averages of
# DECIMALs behind their sixth digit, and estimates by this part of them.
same() {
  awk -F, -v error="${3:-1e-9}" '
    function number(text) { return text ~ /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/ }
    function near(a, b,  d) { d = a - b; return (d < 0 ? -d : d) <= error * (b < 0 ? -b : b) + 5.1e-7 }
    NR == FNR { first[FNR] = $0; count = FNR; next }
    {
      fields = split(first[FNR], other, ",")
      wrong = fields != NF
      for (i = 1; i <= NF && !wrong; i++)
        wrong = other[i] != $i && !(number(other[i]) && number($i) && near(other[i], $i))
      if (wrong) { printf "row %d: %s, not %s\n", FNR, first[FNR], $0; failed = 1; exit }
    }
    END { if (!failed && (count != FNR || count == 0)) { printf "%d rows, not %d\n", count, FNR; failed = 1 }; exit failed }
  ' "$1" "$2"
}

# check NAME QUERY KIND SHAPE: compares every result row over a small file with the baseline's.
check() {
  local file placement order=cat error=1e-9
  file=$(data "$3" 100000)
  # Groups of a hash table come in any order; other rows in the file's.
  case $4 in S2 | S3a | hop | session | CountDistinct | median | percentile) order=sort ;; esac
  [ "$4" != percentile ] || error=0.01
  sed "s/'connector' = 'blackhole'\(, 'format' = '[a-z]*'\)\{0,1\}/'connector' = 'stdout', 'format' = 'csv', 'timestamp.format' = 'ms'/" \
    "benches/queries/$2.sql" > "$work/check.sql"
  "$baseline" "$file" --shape "$4" --print | LC_ALL=C $order > "$work/wanted"
  for placement in "${placements[@]}"; do
    # shellcheck disable=SC2086 # flags are words
    FILE=$file timeout -s KILL 60 "$velo" run "$work/check.sql" ${placement%%|*} --no-progress --report none |
      LC_ALL=C $order > "$work/found"
    same "$work/found" "$work/wanted" $error >&2 || fail "$1 on ${placement##*|}: a wrong answer"
  done
}

# run_velo NAME QUERY FLAGS: prints rows/s, rows out, bytes of memory; fails on a row that was lost.
run_velo() {
  local report read late rejected
  # shellcheck disable=SC2086 # flags are words
  report=$(timeout -s KILL 300 "$velo" run "benches/queries/$2.sql" $3 --no-progress --report json \
    2>&1 > /dev/null | tail -n 1) || fail "$1 $3: $report"
  read=$(number read "$report") late=$(number late "$report") rejected=$(number rejected "$report")
  [ "$read $late $rejected" = "$rows 0 0" ] ||
    fail "$1 $3: read $read, late $late, rejected $rejected of $rows rows"
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

first_cpu=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
placements=("--cores $first_cpu --workers 1|one core")
[ "$(nproc)" -eq 1 ] || placements=("|$(nproc) cores" "${placements[@]}")

# measure NAME QUERY SHAPE FLAGS PLACE: times the pairs, prints a row of the table.
measure() {
  local name=$1 query=$2 shape=$3 flags=$4 place=$5 ours theirs run memory
  : > "$work/ours"; : > "$work/theirs"; : > "$work/ratio"; : > "$work/memory"
  for ((run = 0; run < runs; run++)); do
    ours=$(run_velo "$name" "$query" "$flags")
    theirs=$(run_baseline "$shape")
    echo "${ours%% *}" >> "$work/ours"
    echo "${ours##* }" >> "$work/memory"
    echo "${theirs%% *}" >> "$work/theirs"
    awk -v a="${ours%% *}" -v b="${theirs%% *}" 'BEGIN { print a / b }' >> "$work/ratio"
    [ "$(cut -d' ' -f2 <<< "$ours")" = "${theirs##* }" ] ||
      fail "$name $flags: $(cut -d' ' -f2 <<< "$ours") rows out, not ${theirs##* }"
  done
  memory=$(sort -g "$work/memory" | tail -n 1 | awk '{ printf "%.0f", $1 / 1048576 }')
  echo "| $name | $place | $(spread 1e6 < "$work/ours") | $(spread 1e6 < "$work/theirs") | $(spread 1 < "$work/ratio") | $memory | ${theirs##* } |"
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

# The lines of the list that are asked for and can be run.
chosen=()
while read -r name query kind shape; do
  [ -z "$only" ] || [[ ",$only," == *",$name,"* ]] || continue
  if [ ! -f "benches/queries/$query.sql" ]; then
    [ -z "$only" ] || fail "there is no benches/queries/$query.sql"
    echo "bench: no benches/queries/$query.sql: $name is left out" >&2
    continue
  fi
  chosen+=("$name $query $kind $shape")
done <<< "$queries"
[ ${#chosen[@]} -gt 0 ] || fail "no query is called $only"

report() {
  local commit line name query kind shape placement run
  commit=$(git rev-parse --short HEAD 2> /dev/null || echo unknown)
  [ -z "$(git status --porcelain --untracked-files=no 2> /dev/null)" ] || commit="$commit with changes"
  echo "# velo-tpc against hand-written programs"
  echo
  echo "* $(date -u '+%Y-%m-%d %H:%M UTC'), commit $commit"
  echo "* $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg) before"
  echo "* \`scripts/bench.sh --rows $rows --runs $runs\`; files in the page cache"
  echo
  echo "M rows/s, each \`least / median / greatest\` of $runs runs. Baseline: benches/baseline.rs, one core, run in turn with"
  echo "velo-tpc; ratio: velo-tpc / baseline, pair by pair. Both count from the start of their work to its end. s2_many is s2"
  echo "over a file with $((rows / 5)) symbols."
  echo
  echo "| query | velo-tpc on | velo-tpc | baseline | ratio | peak MiB | rows out |"
  echo "|---|---|---|---|---|---|---|"
  for line in "${chosen[@]}"; do
    read -r name query kind shape <<< "$line"
    FILE=$(data "$kind" "$rows")
    export FILE
    cat "$FILE" > /dev/null
    for placement in "${placements[@]}"; do
      measure "$name" "$query" "$shape" "${placement%%|*}" "${placement##*|}"
    done
  done
  echo
  FILE=$(data csv "$rows")
  echo "Start of the process to its first row on stdout, ms: $(for ((run = 0; run < runs; run++)); do first_row; done | spread 1)"
}

for line in "${chosen[@]}"; do
  # shellcheck disable=SC2086 # fields are words
  check $line
done
echo "bench: ${#chosen[@]} queries give the baseline's rows" >&2
report | tee "$work/report.md"
if [ -n "$record" ]; then
  mkdir -p benches/record
  kept=benches/record/$(date -u +%Y-%m-%d)-$(git rev-parse --short HEAD).md
  cp "$work/report.md" "$kept"
  echo "kept as $kept" >&2
fi
