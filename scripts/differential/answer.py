"""Answers as they are read and compared: exactly, DOUBLEs within a tolerance, rows as a multiset unless ordered."""
import csv
import datetime
import json
from decimal import Decimal

from data import EPOCH
from expression import is_decimal

TOLERANCE = 1e-9  # sums of DOUBLEs round differently


def canonical(value, kind):
    """A value of an answer as it is compared: times in microseconds, numbers by value."""
    if value is None:
        return None
    if kind == "t" and isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if kind == "n":
        return value if isinstance(value, int) else int(canonical(value, "t") * 1000)
    if kind == "t":
        whole, _, fraction = value.partition(".")
        nanos = int((fraction or "0").ljust(9, "0"))
        micros = (datetime.datetime.fromisoformat(whole) - EPOCH) // datetime.timedelta(microseconds=1) + nanos // 1000
        return micros + Decimal(nanos % 1000) / 1000 if nanos % 1000 else micros
    if kind == "f":
        return float(value)
    if is_decimal(kind):
        return Decimal(value)
    if kind == "b":
        return {"true": True, "false": False}[value] if isinstance(value, str) else value
    return int(value) if kind == "i" else str(value)


def velo_rows(path, format, kinds):
    rows = []
    with open(path, encoding="utf-8", newline="") as file:
        if format == "json":
            for line in file:
                rows.append(list(json.loads(line, parse_float=str, parse_int=str).values()))
        else:
            rows = [[None if value == "\\N" else value for value in row] for row in csv.reader(file)]
    return [tuple(canonical(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in rows]


def duck_rows(connection, query, format):
    rows = []
    for row in connection.execute(query.duck).fetchall():
        row = tuple(canonical(value, kind) for value, kind in zip(row, query.kinds, strict=True))
        if format == "json":  # JSON has no NaN and no infinity: null
            row = tuple(None if isinstance(v, float) and (v != v or abs(v) == float("inf")) else v for v in row)
        rows.append(row)
    return rows


def alike(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b) or abs(a - b) <= TOLERANCE * max(abs(a), abs(b), 1e-3)
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def rows_alike(a, b):
    return len(a) == len(b) and all(map(alike, a, b))


def sort_key(row):
    """Exact values first, then DOUBLEs by a few digits: rows that are alike come to the same place, or nearly."""
    exact = [(v is not None, str(v)) for v in row if not isinstance(v, float)]
    return exact, [(v != v, f"{v:+.5e}" if v else "0") for v in row if isinstance(v, float)]


def difference(found, wanted, ordered):
    """(rows of velo-tpc, rows of DuckDB) without a like."""
    if not ordered:
        found, wanted = sorted(found, key=sort_key), sorted(wanted, key=sort_key)
    if len(found) == len(wanted) and all(map(rows_alike, found, wanted)):
        return [], []
    if ordered:
        return found, wanted
    left = list(wanted)
    extra = []
    for row in found:
        match = next((i for i, other in enumerate(left) if rows_alike(row, other)), None)
        if match is None:
            extra.append(row)
        else:
            left.pop(match)
    return extra, left
