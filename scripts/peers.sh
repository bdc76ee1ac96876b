#!/usr/bin/env bash
# Runs velo-tpc, DuckDB, Polars and ClickHouse (chdb) in turn on the same files and shapes, with 1 and 2 threads.
#
# usage: scripts/peers.sh [--rows N] [--runs N] [--shapes S0,S2,S3a,S1,CountDistinct,Median,Percentile,S2many,S2json] [--engines duckdb,polars,chdb]
#
# Files are those of scripts/bench.sh, made if they are not there. The engines are installed from the Python registry
# into a virtual environment in ${XDG_CACHE_HOME:-~/.cache}/velo-tpc/peers; one that cannot be installed is left out,
# with a word, and without any this ends well. Answers are compared before anything is timed; scripts/peers.py says
# how. VELO_BIN names a program that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

rows=10000000 runs=5 shapes=S0,S2,S3a,S1,CountDistinct,Median,Percentile,S2many,S2json engines=duckdb,polars,chdb
while [ $# -gt 0 ]; do
  case $1 in
    --rows) rows=${2:?--rows takes a number}; shift ;;
    --runs) runs=${2:?--runs takes a number}; shift ;;
    --shapes) shapes=${2:?--shapes takes names}; shift ;;
    --engines) engines=${2:?--engines takes names}; shift ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done

cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/velo-tpc
mkdir -p "$cache"
skip() { echo "peers: skipped: $*" >&2; exit 0; }
python=$cache/peers/bin/python
if ! "$python" -m pip --version > /dev/null 2>&1; then
  command -v python3 > /dev/null || skip "no python3"
  python3 -m venv "$cache/peers" 2> /dev/null || skip "python3 cannot make a virtual environment"
fi
install() { "$python" -m pip install --quiet --disable-pip-version-check "$@" >&2; }
usable=''
for engine in ${engines//,/ }; do
  case $engine in
    duckdb) packages="duckdb pyarrow" ;;
    polars | chdb) packages=$engine ;;
    *) echo "peers: no engine $engine: there are duckdb, polars and chdb" >&2; exit 2 ;;
  esac
  # shellcheck disable=SC2086 # packages are words
  if "$python" -c "import ${packages// /, }" 2> /dev/null || install $packages; then
    usable=${usable:+$usable,}$engine
  else
    echo "peers: $engine is left out: pip cannot install it" >&2
  fi
done
[ -n "$usable" ] || skip "no engine can be installed"

[ -n "${VELO_BIN:-}" ] || cargo build --quiet --release --bin velo-tpc
velo=${VELO_BIN:-${CARGO_TARGET_DIR:-target}/release/velo-tpc}
echo "$(date -u '+%Y-%m-%d %H:%M UTC'), commit $(git rev-parse --short HEAD 2> /dev/null || echo unknown), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs"
echo
"$python" scripts/peers.py "$velo" "$cache" "$rows" "$runs" "$shapes" "$usable"
