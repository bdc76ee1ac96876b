"""Batches of queries over the same data: one job of velo-tpc with a sink each, and DuckDB's answers beside it."""
import json
import os
import random
import re
import shutil
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import duckdb

import of_correlated
import of_frames
import of_literals
import of_nest
import of_nested
import of_queries
import of_rows
import of_windows
from answer import difference, duck_rows, velo_rows
from data import COLUMNS, make_rows, write_rows
from expression import MACROS

BATCH = 20  # queries of a batch: one file, one job of velo-tpc
RUN_TIMEOUT_S = 120

FAMILIES = {
    name.removeprefix("family_"): make
    for module in (of_rows, of_windows, of_queries, of_frames, of_correlated, of_nested, of_nest, of_literals)
    for name, make in vars(module).items()
    if name.startswith("family_") and make.__module__ == module.__name__
}


def query_of(seed, only):
    rng = random.Random(f"query {seed}")
    family = rng.choice(list(FAMILIES))
    return FAMILIES[only or family](rng).numbered(seed)


class Batch:
    """Some queries over the same data: one job of velo-tpc with a sink each."""

    def __init__(self, options, seeds):
        self.options, self.seeds, self.lines = options, seeds, []
        number = seeds[0] // BATCH
        self.rng = random.Random(f"data {number}")
        self.dir = os.path.join(options.work, f"batch-{number}")

    def run(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        rows = make_rows(self.rng)
        write_rows(f"{self.dir}/a.csv", rows)
        write_rows(f"{self.dir}/p.csv", make_rows(random.Random(f"rising {self.seeds[0] // BATCH}"), rising=True))
        with open(f"{self.dir}/r.json", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in of_nested.nested_rows(self.rng))
        self.head = self.table_sql()
        self.workers, self.morsel = self.rng.randint(1, 3), self.rng.choice([0, 0, 1, 3, 64])
        queries = {seed: query_of(seed, self.options.only) for seed in self.seeds}
        formats = {seed: random.Random(f"format {seed}").choice(["csv", "json"]) for seed in self.seeds}
        failures = self.run_velo(queries, formats)
        results = []
        connection = self.load()
        for seed, query in queries.items():
            failure = failures.get(seed)
            refused = bool(failure) and failure.startswith("refused") and any(text in failure for text in query.refusable)
            rows, problem = (0, "") if refused else self.compare(connection, seed, query, formats[seed], failure)
            results.append((seed, query, rows, problem, failure if refused else ""))
        if not self.options.keep and not any(problem for *_, problem, _ in results):
            shutil.rmtree(self.dir)
        return results

    def table_sql(self):
        columns = ", ".join(f"{name} {kind}" for name, kind, _ in COLUMNS)
        nested = ", ".join(f"{name} {kind}" for name, kind, _ in of_nested.NESTED)
        # On one line: the place of an error tells the query.
        timed = lambda name: f"CREATE TABLE {name} ({columns}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH ('connector' = 'file', 'path' = '{self.dir}/{name}.csv', 'format' = 'csv', 'csv.header' = 'true'); "
        return (
            f"{timed('a')}{timed('p')}CREATE TABLE r ({nested}) WITH ('connector' = 'file', 'path' = '{self.dir}/r.json', 'format' = 'json');"
        )

    def statement(self, seed, query, format):
        null = ", 'csv.null' = '\\N'" if format == "csv" else ""
        return f"{query.setup}CREATE STREAM o{seed} WITH ('connector' = 'file', 'path' = '{self.dir}/o{seed}', 'format' = '{format}'{null}) AS {query.velo};"

    def run_velo(self, queries, formats):
        """Runs what compiles; {seed: message} of what is refused, or crashes."""
        failures, seeds = {}, list(queries)
        while seeds:
            lines = [f"SET 'morsel.rows' = '{self.morsel}';" if self.morsel else "", self.head] + [self.statement(s, queries[s], formats[s]) for s in seeds]
            job = f"{self.dir}/job-{seeds[0]}.sql"
            with open(job, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            command = [self.options.velo, "run", job, "--workers", str(self.workers), "--no-progress"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, stdin=subprocess.DEVNULL)
                code, message = done.returncode, done.stderr
            except subprocess.TimeoutExpired:
                code, message = -1, f"no end within {RUN_TIMEOUT_S} s"
            if code == 0:
                break
            if ("the job needs more than" in message or "a job has at most" in message) and len(seeds) > 1:  # routes, statements
                half = len(seeds) // 2
                for part in (seeds[:half], seeds[half:]):
                    failures.update(self.run_velo({seed: queries[seed] for seed in part}, formats))
                break
            errors = message[message.find("error:") :]
            place = re.search(r"--> \S+job-\d+\.sql:(\d+):\d+", errors)
            if place and errors.startswith("error:") and int(place.group(1)) > 2:
                failures[seeds.pop(int(place.group(1)) - 3)] = "refused: " + errors[:600]
            elif len(seeds) == 1:
                failures[seeds.pop()] = f"exit {code}: {message[-1500:]}"
            else:  # which one it was: one by one
                for seed in list(seeds):
                    failures.update(self.run_velo({seed: queries[seed]}, formats))
                break
        return failures

    def load(self):
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.execute(MACROS)
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind, _ in COLUMNS)
        for name in "ap":
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{self.dir}/{name}.csv', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, columns = {{{columns}}})")
        nested = ", ".join(f"'{name}': '{kind}'" for name, _, kind in of_nested.NESTED)
        connection.execute(f"CREATE TABLE r AS SELECT * FROM read_json('{self.dir}/r.json', format = 'newline_delimited', columns = {{{nested}}})")
        return connection

    def compare(self, connection, seed, query, format, failure):
        """(rows, problem or '')"""
        if failure:
            return 0, failure
        try:
            wanted = duck_rows(connection, query, format)
        except (duckdb.Error, ValueError, OverflowError) as error:
            return 0, f"DuckDB: {str(error)[:600]}"
        try:
            found = velo_rows(f"{self.dir}/o{seed}", format, query.kinds)
        except (ValueError, KeyError, ArithmeticError, OSError) as error:
            return 0, f"a value that is not of its type: {error!r}"
        extra, missing = difference(found, wanted, query.ordered)
        if extra or missing:
            shown = lambda rows: "\n    ".join(str(tuple(str(v) if isinstance(v, Decimal) else v for v in row)) for row in rows[:3])
            return len(wanted), f"{len(found)} rows, DuckDB's are {len(wanted)}\n  velo-tpc alone ({len(extra)}):\n    {shown(extra)}\n  DuckDB alone ({len(missing)}):\n    {shown(missing)}"
        return len(wanted), ""


def run(options, seeds, quiet=False):
    """(Counter of queries by family, rows compared, queries with rows, [(seed, family)] of mismatches, Counter of what was
    refused where that is no fault)"""
    batches = {}
    for seed in seeds:
        batches.setdefault(seed // BATCH, []).append(seed)
    counts, rows_all, filled, bad, refusals = Counter(), 0, 0, [], Counter()
    lock = threading.Lock()
    with ThreadPoolExecutor(options.jobs) as pool:
        for results in pool.map(lambda part: Batch(options, part).run(), batches.values()):
            for seed, query, rows, problem, refused in results:
                counts[query.family] += 1
                rows_all += rows
                filled += rows > 0
                if refused:
                    refusals[refused.split("error: ", 1)[1].splitlines()[0]] += 1
                if problem:
                    bad.append((seed, query.family))
                    if not quiet:
                        with lock:
                            again = f" --only {options.only}" if options.only else ""
                            print(f"\nseed {seed} ({query.family}): {problem}\n  velo-tpc: {query.setup}{query.velo}\n  DuckDB:   {query.duck}\n  again:    scripts/differential.sh --seed {seed}{again} --keep", flush=True)
    return counts, rows_all, filled, bad, refusals
