"""velo-tpc beside DuckDB, Polars and ClickHouse (chdb) on the same files, in turn: one table.

usage: peers.py VELO CACHE ROWS RUNS SHAPES ENGINES   (scripts/peers.sh calls it; SHAPES and ENGINES with commas)
       peers.py worker ENGINE SHAPE THREADS           (a process of its own, told on stdin what to do)

Each engine gets a process a shape and number of threads, which answers once before it is timed: the rows of a small
file are compared with velo-tpc's, then the whole file is read once to warm up. Then rounds: velo-tpc, each engine,
velo-tpc, and so on. Rows are handed out (DuckDB as Arrow batches, Polars as one frame, chdb to its Null format) and
dropped. With one thread, all of them are pinned to the same CPU. S1 is compared by its number of rows alone: engines
may take rows of equal time in any order.
"""
import json
import os
import re
import select
import statistics
import subprocess
import sys
import time

CHECK_ROWS = 100_000
TIMEOUT_S = 300
TOLERANCE = 1e-9  # sums of DOUBLEs round
AGGREGATES = "count(*), sum(size), avg(price), min(price), max(price)"
FRAME = "(PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW)"
OVER = "avg(price) OVER w, sum(size) OVER w, min(price) OVER w, max(price) OVER w"

# shape: (query of benches/queries, kind of file)
SHAPES = {
    "S0": ("s0", "csv"),
    "S2": ("s2", "csv"),
    "S3a": ("s3a", "csv"),
    "S1": ("s1", "csv"),
    "CountDistinct": ("count_distinct", "csv"),
    "Median": ("median", "csv"),
    "Percentile": ("approx_percentile", "csv"),
    "S2many": ("s2", "many"),
    "S2json": ("s2_json", "json"),
}


# shape: (DuckDB, ClickHouse): numbers made of all prices of a symbol
OF_PRICES = {
    "CountDistinct": ("count(DISTINCT price)", "uniqExact(price)"),
    "Median": ("median(price)", "quantileExactInclusive(0.5)(price)"),
    "Percentile": ("approx_quantile(price, 0.99)", "quantileTDigest(0.99)(price)"),
}
ESTIMATE_TOLERANCE = 0.02  # two estimates, each about 1 % off


def sql(shape, table, second, dialect=0):
    """The query of a shape over a table expression; `dialect` is DuckDB's or ClickHouse's."""
    if shape in OF_PRICES:
        return f"SELECT symbol, {OF_PRICES[shape][dialect]} FROM {table} GROUP BY symbol"
    return {
        "S0": f"SELECT symbol, price, size FROM {table} WHERE size > 500",
        "S2": f"SELECT symbol, {AGGREGATES} FROM {table} GROUP BY symbol",
        "S3a": f"SELECT {second} AS second, symbol, {AGGREGATES} FROM {table} GROUP BY second, symbol",
        "S1": f"SELECT symbol, {OVER} FROM {table} WINDOW w AS {FRAME}",
    }[shape[:2] if shape.startswith("S2") else shape]


# ---- workers: (version, count rows of the answer, list its rows) over a path ----


def duckdb_engine(shape, threads):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads={threads}")
    columns = "{'ts':'BIGINT','symbol':'VARCHAR','price':'DOUBLE','size':'BIGINT','side':'VARCHAR'}"

    def query(path):
        if path.endswith(".jsonl"):
            table = f"read_json('{path}', format='newline_delimited', columns={columns})"
        else:
            table = f"read_csv('{path}', header=true, columns={columns}, auto_detect=false, delim=',', quote='', escape='')"
        return sql(shape, table, "ts // 1000")

    def count(path):
        return sum(batch.num_rows for batch in connection.sql(query(path)).to_arrow_reader(65536))

    return duckdb.__version__, count, lambda path: connection.execute(query(path)).fetchall()


def polars_engine(shape, threads):
    os.environ["POLARS_MAX_THREADS"] = str(threads)  # read when polars is imported
    import polars

    schema = {"ts": polars.Int64, "symbol": polars.String, "price": polars.Float64, "size": polars.Int64, "side": polars.String}
    price, size = polars.col("price"), polars.col("size")
    aggregates = [polars.len().alias("n"), size.sum().alias("s"), price.mean().alias("a"), price.min().alias("l"), price.max().alias("h")]
    last = dict(window_size=100, min_samples=1)
    rolling = [price.rolling_mean(**last), size.rolling_sum(**last), price.rolling_min(**last), price.rolling_max(**last)]
    rolling = [column.over("symbol").alias(f"c{at}") for at, column in enumerate(rolling)]

    def answer(path):
        scan = polars.scan_ndjson if path.endswith(".jsonl") else polars.scan_csv
        rows = scan(path, schema=schema)
        if shape == "S0":
            rows = rows.filter(size > 500).select("symbol", "price", "size")
        elif shape.startswith("S2"):
            rows = rows.group_by("symbol").agg(aggregates)
        elif shape == "CountDistinct":
            rows = rows.group_by("symbol").agg(price.n_unique())
        elif shape == "Median":
            rows = rows.group_by("symbol").agg(price.median())
        elif shape == "Percentile":
            rows = rows.group_by("symbol").agg(price.quantile(0.99, "nearest"))
        elif shape == "S3a":
            rows = rows.group_by((polars.col("ts") // 1000).alias("second"), "symbol").agg(aggregates)
        else:
            rows = rows.select("symbol", *rolling)
        return rows.collect(engine="streaming")

    return polars.__version__, lambda path: answer(path).height, lambda path: answer(path).rows()


def chdb_engine(shape, threads):
    import chdb
    from chdb import session

    connection = session.Session()
    symbol = "String" if shape == "S2many" else "LowCardinality(String)"
    columns = f"ts Int64, symbol {symbol}, price Float64, size Int64, side LowCardinality(String)"

    def query(path):
        kind = "JSONEachRow" if path.endswith(".jsonl") else "CSVWithNames"
        return sql(shape, f"file('{path}', '{kind}', '{columns}')", "intDiv(ts, 1000)", 1)

    settings = f" SETTINGS max_threads={threads}"
    counted = {}

    def count(path):
        connection.query(query(path) + settings, "Null")
        if path not in counted:  # in the warm-up
            counted[path] = int(str(connection.query(f"SELECT count() FROM ({query(path)}){settings}", "CSV")))
        return counted[path]

    def rows(path):
        text = str(connection.query(query(path) + settings, "JSONCompactEachRow"))
        return [[number(value) for value in json.loads(line)] for line in text.splitlines()]

    return getattr(chdb, "engine_version", None) or chdb.__version__, count, rows


ENGINES = {"duckdb": duckdb_engine, "polars": polars_engine, "chdb": chdb_engine}


def worker(engine, shape, threads):
    """Answers `rows PATH OUT` and `time PATH` on stdin, a JSON line each."""
    answers = os.dup(1)  # engines may print
    os.dup2(2, 1)
    if threads == 1:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    version, count, rows = ENGINES[engine](shape, threads)
    for line in sys.stdin:
        command, path, *out = line.split()
        if command == "rows":
            with open(out[0], "w") as file:
                json.dump(rows(path), file)
            answer = {"version": version}
        else:
            start = time.perf_counter()
            out_rows = count(path)
            seconds = time.perf_counter() - start
            with open("/proc/self/status") as status:
                peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
            answer = {"seconds": seconds, "out_rows": out_rows, "peak": peak * 1024}
        os.write(answers, (json.dumps(answer) + "\n").encode())


# ---- the driver ----


class Peer:
    """A worker process."""

    def __init__(self, engine, shape, threads):
        command = [sys.executable, __file__, "worker", engine, shape, str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], TIMEOUT_S)[0]:
            raise RuntimeError(f"no answer within {TIMEOUT_S} s")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"ended with code {self.process.wait()}")
        return json.loads(line)

    def end(self):
        self.process.kill()
        self.process.wait()


class Velo:
    """velo-tpc: a process a run, as its users run it."""

    def __init__(self, program, cache):
        self.program, self.cache = program, cache

    def data(self, kind, rows):
        """The path of a file, which is made if it is not there; as in scripts/bench.sh."""
        suffix = {"csv": ".csv", "json": ".jsonl", "many": "-many.csv"}[kind]
        path = f"{self.cache}/trades-{rows}{suffix}"
        if not os.path.exists(path):
            symbols = ["--symbols", str(rows // 5)] if kind == "many" else []
            made = f"{self.cache}/making{suffix}"
            subprocess.run([self.program, "gen", "trades", "--rows", str(rows), *symbols, "-o", made], check=True)
            os.rename(made, path)
        return path

    def command(self, query, threads, *more):
        place = ["--cores", str(min(os.sched_getaffinity(0))), "--workers", "1"] if threads == 1 else []
        return [self.program, "run", *query, *place, "--no-progress", *more]

    def rows(self, query, path, threads):
        text = open(f"benches/queries/{query}.sql").read()
        sink = "'connector' = 'stdout', 'format' = 'csv', 'timestamp.format' = 's'"
        text = re.sub(r"'connector' = 'blackhole'(, 'format' = '\w+')?", sink, text)
        command = self.command(["-"], threads, "--report", "none")
        ran = subprocess.run(command, env={**os.environ, "FILE": path}, input=text, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
        return [[number(field) for field in line.split(",")] for line in ran.stdout.splitlines()]

    def time(self, query, path, threads, rows):
        command = self.command([f"benches/queries/{query}.sql"], threads, "--report", "json")
        ran = subprocess.run(command, env={**os.environ, "FILE": path}, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
        report = json.loads(ran.stderr.splitlines()[-1])
        statement = report["statements"][0]
        if (statement["read"], statement["late"], statement["rejected"]) != (rows, 0, 0):
            raise SystemExit(f"peers: {query}: a wrong ledger: {statement}")
        return {"seconds": report["elapsed_ns"] / 1e9, "out_rows": statement["emitted"], "peak": report["memory_peak_bytes"]}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def same(ours, theirs, tolerance=TOLERANCE):
    """Whether two answers have the same rows, in any order."""
    # Texts and the second come before what is rounded, so that rounding cannot change the order of groups.
    key = lambda row: ([field for field in row if isinstance(field, str)], [field for field in row if isinstance(field, float)])
    ours, theirs = sorted(ours, key=key), sorted(([number(field) for field in row] for row in theirs), key=key)
    near = lambda a, b: a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= tolerance * abs(b))
    return len(ours) == len(theirs) and all(len(a) == len(b) and all(map(near, a, b)) for a, b in zip(ours, theirs))


def spread(rates):
    return f"{min(rates):.2f} / {statistics.median(rates):.2f} / {max(rates):.2f}"


def compare(velo, shape, threads, engines, rows, runs, versions):
    """One row of the table."""
    query, kind = SHAPES[shape]
    small, path = velo.data(kind, CHECK_ROWS), velo.data(kind, rows)
    wanted = velo.rows(query, small, threads)
    peers, cells = {}, {}
    for engine in engines:
        peer = Peer(engine, shape, threads)
        try:
            out = f"{velo.cache}/rows-{os.getpid()}.json"
            versions[engine] = peer.ask("rows", small, out)["version"]
            with open(out) as file:
                found = json.load(file)
            os.remove(out)
            if shape == "S1":
                found, wanted_rows = [[len(found)]], [[float(len(wanted))]]
            else:
                wanted_rows = wanted
            tolerance = ESTIMATE_TOLERANCE if shape == "Percentile" else TOLERANCE
            if not same(wanted_rows, found, tolerance):
                raise SystemExit(f"peers: {engine} and velo-tpc give different rows for {shape}")
            peer.ask("time", path)
            peers[engine] = peer
        except RuntimeError as cause:
            print(f"peers: {engine} {shape} with {threads} threads: {cause}", file=sys.stderr)
            cells[engine] = "failed"
            peer.end()
    velo.time(query, path, threads, rows)
    results = {name: [] for name in ["velo-tpc", *peers]}
    for _ in range(runs):
        for name in results:
            results[name].append(velo.time(query, path, threads, rows) if name == "velo-tpc" else peers[name].ask("time", path))
    for peer in peers.values():
        peer.end()
    counts = {run["out_rows"] for of_engine in results.values() for run in of_engine}
    if len(counts) != 1:
        raise SystemExit(f"peers: {shape}: different numbers of rows: {counts}")
    rates = {name: [rows / run["seconds"] / 1e6 for run in of_engine] for name, of_engine in results.items()}
    for name, of_engine in rates.items():
        peak = max(run["peak"] for run in results[name]) >> 20
        cells[name] = f"{spread(of_engine)} ({peak})"
    medians = {name: statistics.median(of_engine) for name, of_engine in rates.items()}
    fastest = max(medians, key=medians.get)
    others = {name: median for name, median in medians.items() if name != "velo-tpc"}
    ratio = "-"
    if others:
        best = max(others, key=others.get)
        ratio = spread([ours / theirs for ours, theirs in zip(rates["velo-tpc"], rates[best])]) + f" ({best})"
    columns = [cells.get(name, "-") for name in ["velo-tpc", *engines]]
    print(f"| {shape} | {threads} | {' | '.join(columns)} | {fastest} | {ratio} |", flush=True)


def main():
    program, cache, rows, runs, shapes, engines = sys.argv[1:7]
    velo, rows, runs, engines, versions = Velo(program, cache), int(rows), int(runs), engines.split(","), {}
    cpus = len(os.sched_getaffinity(0))
    print(f"M rows/s, each least / median / greatest of {runs} runs in turn over {rows} rows, and the peak memory in MiB. Threads: of")
    print("the batch engines; velo-tpc has as many cores. Ratio: velo-tpc / the fastest other, pair by pair.")
    print()
    print(f"| shape | threads | velo-tpc | {' | '.join(engines)} | fastest | ratio |")
    print("|---" * (5 + len(engines)) + "|")
    for shape in shapes.split(","):
        if shape not in SHAPES:
            raise SystemExit(f"peers: no shape {shape}: there are {', '.join(SHAPES)}")
        if not os.path.exists(f"benches/queries/{SHAPES[shape][0]}.sql"):
            print(f"peers: no benches/queries/{SHAPES[shape][0]}.sql: {shape} is left out", file=sys.stderr)
            continue
        for threads in range(1, min(cpus, 2) + 1):
            compare(velo, shape, threads, engines, rows, runs, versions)
    print()
    print("Versions: " + ", ".join(f"{engine} {version}" for engine, version in versions.items()) + ".")
    print("They are batch engines: one answer at the end, no watermark, no changes, columns that the query does not use are skipped.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
