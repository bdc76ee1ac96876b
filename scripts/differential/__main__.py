"""Random queries answered by velo-tpc and by DuckDB, compared at the end of the input.

usage: python scripts/differential VELO WORK [--queries N] [--from N] [--seed N] [--only FAMILY] [--jobs N] [--keep] [--self-check]
(scripts/differential.sh calls it.)

A query has a seed; its batch, the seed / 20, makes the data. Every expression is written twice, in both dialects, side
by side in one generator: where the engines differ by decision, the DuckDB text says what velo-tpc promises, with the
rule beside it. Values are compared exactly, DOUBLEs within 1e-9; rows as a multiset, in order under ORDER BY.

A row whose expression fails (overflow, division by zero) is rejected by velo-tpc and counted; DuckDB would fail the
query. So expressions that can fail go into TRY, and rows for which it shows a failure are left out (`holds`).
"""
import argparse
import datetime
import os
import sys

import duckdb

from batch import BATCH, FAMILIES, run
from of_nest import REFUSED_PERCENT_MAX
from planted import WRONG, plant


def self_check(options):
    """Every deliberately wrong translation must be found out, and the right ones must agree on the same seeds."""
    unseen = []
    for name, family in WRONG.items():
        options.only = family
        seeds = range(options.first, options.first + 60)
        plant(None)
        honest = set(run(options, seeds, quiet=True)[3])
        plant(name)
        found = set(run(options, seeds, quiet=True)[3]) - honest
        print(f"{name}: found out by {len(found)} of {len(seeds)} queries of {family}", flush=True)
        unseen += [name] if not found else []
    if unseen:
        sys.exit(f"differential: not found out: {', '.join(unseen)}")


def main():
    parser = argparse.ArgumentParser(prog="differential.sh", description=__doc__.splitlines()[0])
    parser.add_argument("velo", help=argparse.SUPPRESS)
    parser.add_argument("work", help=argparse.SUPPRESS)
    parser.add_argument("--queries", type=int, default=3000, help="how many (3000)")
    parser.add_argument("--from", type=int, dest="first", help="the first seed (by the clock)")
    parser.add_argument("--seed", type=int, help="repeats one query")
    parser.add_argument("--only", choices=sorted(FAMILIES), help="queries of one family")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="batches at a time (one a CPU)")
    parser.add_argument("--keep", action="store_true", help="keep all data, jobs and answers")
    parser.add_argument("--self-check", action="store_true", help="check that wrong translations are found out")
    options = parser.parse_args()
    if options.first is None:
        options.first = int(datetime.datetime.now().timestamp()) % 10_000_000 * 100 // BATCH * BATCH
    if options.self_check:
        return self_check(options)
    seeds = range(options.first, options.first + options.queries) if options.seed is None else [options.seed]
    print(f"differential: seeds {seeds[0]} to {seeds[-1]}, DuckDB {duckdb.__version__}, files in {options.work}", flush=True)
    counts, rows, filled, bad, refusals = run(options, seeds)
    print("\nqueries " + ", ".join(f"{family} {count}" for family, count in sorted(counts.items())))
    print(f"{sum(counts.values())} queries, {filled} of them with rows, {rows} rows compared; {len(bad)} differ" + (f": seeds {', '.join(str(seed) for seed, _ in bad[:50])}" if bad else ""))
    refused = sum(refusals.values())
    if refused:
        print(f"{refused} of {counts['nest']} queries on top of others are refused:")
        for message, count in refusals.most_common():
            print(f"  {count:4} {message}")
    if bad:
        sys.exit(1)
    if counts["nest"] >= 100 and refused * 100 > counts["nest"] * REFUSED_PERCENT_MAX:
        sys.exit(f"differential: more than {REFUSED_PERCENT_MAX} % of the queries on top of others are refused")
    if len(seeds) >= 100 and filled < len(seeds) // 2:
        sys.exit("differential: most answers are empty: nothing was compared")


if __name__ == "__main__":
    main()
