"""One batch engine, one query of scripts/peers.sh: prints a JSON line a run.

usage: peers.py duckdb|polars S0|S2|S3a|S1 FILE THREADS RUNS

Rows are handed out (DuckDB as Arrow batches, Polars as one frame) and dropped. S3a groups by the second of ts.
"""
import json
import os
import sys
import time

engine, shape, path, threads, runs = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
os.environ["POLARS_MAX_THREADS"] = str(threads)  # read when polars is imported


def duckdb_query():
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads={threads}")
    columns = "{'ts':'BIGINT','symbol':'VARCHAR','price':'DOUBLE','size':'BIGINT','side':'VARCHAR'}"
    table = f"read_csv('{path}', header=true, columns={columns}, auto_detect=false, delim=',', quote='', escape='')"
    aggregates = "count(*), sum(size), avg(price), min(price), max(price)"
    frame = "(PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW)"
    sql = {
        "S0": f"SELECT symbol, price, size FROM {table} WHERE size > 500",
        "S2": f"SELECT symbol, {aggregates} FROM {table} GROUP BY symbol",
        "S3a": f"SELECT ts // 1000 AS second, symbol, {aggregates} FROM {table} GROUP BY second, symbol",
        "S1": f"SELECT symbol, avg(price) OVER w, sum(size) OVER w, min(price) OVER w, max(price) OVER w FROM {table} WINDOW w AS {frame}",
    }[shape]

    def run():
        return sum(batch.num_rows for batch in connection.sql(sql).to_arrow_reader(65536))

    return duckdb.__version__, run


def polars_query():
    import polars

    schema = {"ts": polars.Int64, "symbol": polars.String, "price": polars.Float64, "size": polars.Int64, "side": polars.String}
    price, size = polars.col("price"), polars.col("size")
    aggregates = [polars.len().alias("n"), size.sum().alias("s"), price.mean().alias("a"), price.min().alias("l"), price.max().alias("h")]
    last = dict(window_size=100, min_samples=1)
    rolling = [price.rolling_mean(**last), size.rolling_sum(**last), price.rolling_min(**last), price.rolling_max(**last)]
    rolling = [column.over("symbol").alias(f"c{at}") for at, column in enumerate(rolling)]
    query = {
        "S0": lambda rows: rows.filter(size > 500).select("symbol", "price", "size"),
        "S2": lambda rows: rows.group_by("symbol").agg(aggregates),
        "S3a": lambda rows: rows.group_by((polars.col("ts") // 1000).alias("second"), "symbol").agg(aggregates),
        "S1": lambda rows: rows.select("symbol", *rolling),
    }[shape]
    return polars.__version__, lambda: query(polars.scan_csv(path, schema=schema)).collect(engine="streaming").height


with open(path, "rb") as file:
    blocks = iter(lambda: file.read(1 << 24), b"")
    rows = sum(block.count(b"\n") for block in blocks) - 1  # the header
version, run = {"duckdb": duckdb_query, "polars": polars_query}[engine]()
for _ in range(runs):
    start = time.perf_counter()
    out_rows = run()
    seconds = time.perf_counter() - start
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(json.dumps({
        "program": engine, "version": version, "shape": shape, "threads": threads, "rows": rows, "out_rows": out_rows,
        "seconds": round(seconds, 4), "rows_per_second": round(rows / seconds), "memory_peak_bytes": peak * 1024,
    }), flush=True)
