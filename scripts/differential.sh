#!/usr/bin/env bash
# Random queries over random data, answered by velo-tpc and by DuckDB and compared at the end of the input.
#
# usage: scripts/differential.sh [--queries N] [--from N] [--seed N] [--only FAMILY] [--jobs N] [--keep] [--self-check]
#   --queries N    how many (3000)
#   --from N       the first seed (by the clock); a query has a seed of its own, which a difference prints
#   --seed N       repeats one query
#   --only FAMILY  queries of one family; --help lists them
#   --jobs N       batches of queries at a time (one a CPU)
#   --keep         keeps data, jobs and answers in target/differential
#   --self-check   checks instead that deliberately wrong translations are found out
#
# DuckDB is installed from the Python registry into a virtual environment in ${XDG_CACHE_HOME:-~/.cache}/velo-tpc;
# where that is impossible this says so and ends well. VELO_BIN names a program that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() { echo "differential: skipped: $*" >&2; exit 0; }
case " $* " in *" -h "*) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/velo-tpc
mkdir -p "$cache"
python=$cache/differential/bin/python
if ! "$python" -m pip --version > /dev/null 2>&1; then
  command -v python3 > /dev/null || skip "no python3"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "python3 is older than 3.10"
  python3 -m venv "$cache/differential" 2> /dev/null || skip "python3 cannot make a virtual environment"
fi
# `lambda` in its dialect and TRY came with 1.3.
"$python" -c 'import duckdb; assert tuple(map(int, duckdb.__version__.split(".")[:2])) >= (1, 3)' 2> /dev/null ||
  "$python" -m pip install --quiet --disable-pip-version-check --upgrade 'duckdb>=1.3' >&2 || skip "pip cannot install DuckDB"

[ -n "${VELO_BIN:-}" ] || cargo build --quiet --release --bin velo-tpc
velo=${VELO_BIN:-${CARGO_TARGET_DIR:-target}/release/velo-tpc}
work=${CARGO_TARGET_DIR:-target}/differential
mkdir -p "$work"
PYTHONDONTWRITEBYTECODE=1 exec "$python" scripts/differential "$velo" "$work" "$@"
