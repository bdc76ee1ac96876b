#!/usr/bin/env bash
# Counts the instructions a record of the benchmark queries and fails when one has grown by more than 5 %.
#
# usage: scripts/instructions.sh [--update] [--rows N] [QUERY...]
#   --update   writes the counts to benches/record/instructions.txt instead of failing
#   --rows N   rows of the seeded feed (100000); the record holds for its own number alone
#   QUERY      s0 s0_csv s1 s2 s3a s3b and, where benches/queries has them, s2_json s2_binary (all)
#
# benches/instructions.rs steps the roles in one thread over rows made in memory; callgrind counts within
# step_roles alone. Each query is counted with both instruction sets of the scans, portable and avx2: a level that
# this CPU lacks is left out, with a word. Counts repeat to the instruction for one binary; another compiler makes
# another binary, so the record names its own. VELO_INSTRUCTIONS names a program that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

record=benches/record/instructions.txt
growth_max=5 # per cent
rows=100000 update='' queries=()
while [ $# -gt 0 ]; do
  case $1 in
    --update) update=yes ;;
    --rows) rows=${2:?--rows takes a number}; shift ;;
    -*) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) queries+=("$1") ;;
  esac
  shift
done
if [ ${#queries[@]} -eq 0 ]; then
  queries=(s0 s0_csv s1 s2 s3a s3b)
  for query in s2_json s2_binary; do
    [ ! -f "benches/queries/$query.sql" ] || queries+=("$query")
  done
elif [ -n "$update" ]; then
  echo "instructions: --update takes all queries, or the record would lose the others" >&2
  exit 2
fi

if ! command -v valgrind > /dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "instructions: valgrind is missing: install it (apt-get install valgrind)" >&2
    exit 1
  fi
  echo "instructions: installing valgrind" >&2
  { apt-get update && apt-get install --yes --no-install-recommends valgrind; } > /dev/null
fi

if [ -z "${VELO_INSTRUCTIONS:-}" ]; then
  cargo build --quiet --release --example instructions
fi
program=${VELO_INSTRUCTIONS:-${CARGO_TARGET_DIR:-target}/release/examples/instructions}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# count QUERY LEVEL: prints instructions a record; nothing for a level that this CPU lacks.
count() {
  local code=0 collected
  "$program" "$1" --rows "$rows" --level "$2" > /dev/null 2> "$work/error" || code=$?
  [ "$code" -ne 3 ] || return 0
  if [ "$code" -ne 0 ]; then
    cat "$work/error" >&2
    return 1
  fi
  timeout -s KILL 300 valgrind --tool=callgrind --cache-sim=no --branch-sim=no --callgrind-out-file=/dev/null \
    --toggle-collect='*step_roles*' "$program" "$1" --rows "$rows" --level "$2" > "$work/answer" 2> "$work/log" ||
    { cat "$work/log" >&2; return 1; }
  collected=$(sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' "$work/log")
  if [ "${collected:-0}" -eq 0 ]; then
    echo "instructions: callgrind saw no step_roles in $program" >&2
    return 1
  fi
  awk -v n="$collected" -v rows="$rows" 'BEGIN { printf "%.2f\n", n / rows }'
}

recorded() { awk -v query="$1" -v level="$2" '$1 == query && $2 == level { print $3 }' "$record" 2> /dev/null || true; }

recorded_rows=$(sed -n 's/^# rows: //p' "$record" 2> /dev/null || true)
if [ -z "$update" ] && [ "$recorded_rows" != "$rows" ]; then
  echo "instructions: $record holds for ${recorded_rows:-no} rows, not $rows: no comparison" >&2
fi
compiler=$(sed -n 's/^# compiler: //p' "$record" 2> /dev/null || true)
[ "$compiler" = "$(rustc --version)" ] || echo "instructions: recorded with ${compiler:-nothing}, now $(rustc --version)" >&2

failed=''
printf '%-9s %-9s %12s %12s %9s\n' query level before now change
for query in "${queries[@]}"; do
  for level in portable avx2; do
    now=$(count "$query" "$level")
    if [ -z "$now" ]; then
      printf '%-9s %-9s this CPU lacks it\n' "$query" "$level"
      [ -z "$update" ] || { echo "instructions: an update needs a CPU with every level" >&2; exit 1; }
      continue
    fi
    echo "$query $level $now" >> "$work/counts"
    before=''
    [ "$recorded_rows" != "$rows" ] || before=$(recorded "$query" "$level")
    change=$(awk -v before="$before" -v now="$now" 'BEGIN { if (before > 0) printf "%+.2f %%", (now / before - 1) * 100; else print "new" }')
    verdict=''
    if [ -n "$before" ] && awk -v before="$before" -v now="$now" -v most="$growth_max" 'BEGIN { exit !(now > before * (1 + most / 100)) }'; then
      verdict="  GROWN by more than $growth_max %"
      failed=yes
    fi
    printf '%-9s %-9s %12s %12s %9s%s\n' "$query" "$level" "${before:--}" "$now" "$change" "$verdict"
  done
done

if [ -n "$update" ]; then
  mkdir -p "$(dirname "$record")"
  {
    echo "# Instructions a record of the benchmark queries, written by scripts/instructions.sh --update."
    echo "# rows: $rows"
    echo "# compiler: $(rustc --version)"
    echo "# $(date -u +%Y-%m-%d), on top of commit $(git rev-parse --short HEAD 2> /dev/null || echo unknown)"
    echo "# query, instruction set of the scans, instructions a record"
    cat "$work/counts"
  } > "$work/record"
  mv "$work/record" "$record"
  echo "kept as $record" >&2
elif [ -n "$failed" ]; then
  echo "instructions: more work a record than before; if that is meant: scripts/instructions.sh --update" >&2
  exit 1
fi
