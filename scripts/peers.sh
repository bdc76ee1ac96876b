#!/usr/bin/env bash
# Runs DuckDB and Polars on the file and shapes of scripts/bench.sh, with 1 and 2 threads; one JSON line a run.
#
# usage: scripts/peers.sh [--rows N] [--runs N]
#
# The file is the one that scripts/bench.sh made. The engines are installed from the Python registry into a virtual
# environment in ${XDG_CACHE_HOME:-~/.cache}/velo-tpc/peers; where that cannot be done this says so and ends well.
# Both are batch engines: one answer at the end, no watermark, no changes: a bound on the cost, not the same work.
set -euo pipefail
cd "$(dirname "$0")/.."

rows=10000000 runs=3
while [ $# -gt 0 ]; do
  case $1 in
    --rows) rows=${2:?--rows takes a number}; shift ;;
    --runs) runs=${2:?--runs takes a number}; shift ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done

cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/velo-tpc
file=$cache/trades-$rows.csv
if [ ! -f "$file" ]; then
  echo "peers: no $file: run scripts/bench.sh --rows $rows first" >&2
  exit 1
fi

skip() { echo "peers: skipped: $*" >&2; exit 0; }
python=$cache/peers/bin/python
if ! "$python" -c 'import duckdb, polars, pyarrow' 2> /dev/null; then
  command -v python3 > /dev/null || skip "no python3"
  python3 -m venv "$cache/peers" 2> /dev/null || skip "python3 cannot make a virtual environment"
  "$python" -m pip install --quiet --disable-pip-version-check duckdb polars numpy pyarrow >&2 ||
    skip "pip cannot install duckdb, polars, numpy and pyarrow"
fi

cat "$file" > /dev/null
for shape in S0 S2 S3a S1; do
  for threads in 1 2; do
    for engine in duckdb polars; do
      timeout -s KILL 600 "$python" scripts/peers.py "$engine" "$shape" "$file" "$threads" "$runs" ||
        echo "peers: $engine $shape with $threads threads failed" >&2
    done
  done
done
