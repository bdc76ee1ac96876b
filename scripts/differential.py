"""Random queries answered by velo-tpc and by DuckDB, compared at the end of the input.

usage: differential.py VELO WORK [--queries N] [--from N] [--seed N] [--only FAMILY] [--jobs N] [--keep] [--self-check]
(scripts/differential.sh calls it.)

A query has a seed; its batch, the seed / 20, makes the data. Every expression is written twice, in both dialects, side
by side in one generator: where the engines differ by decision, the DuckDB text says what velo-tpc promises, with the
rule beside it. Values are compared exactly, DOUBLEs within 1e-9; rows as a multiset, in order under ORDER BY.

A row whose expression fails (overflow, division by zero) is rejected by velo-tpc and counted; DuckDB would fail the
query. So expressions that can fail go into TRY, and rows for which it shows a failure are left out (`holds`).
"""
import argparse
import csv
import datetime
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import duckdb

BATCH = 20  # queries of a batch: one file, one job of velo-tpc
RUN_TIMEOUT_S = 120
TOLERANCE = 1e-9  # sums of DOUBLEs round differently
I64_MAX = 2**63 - 1
EPOCH = datetime.datetime(1970, 1, 1)
ASCII = "'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"

# Deliberately wrong translations, for --self-check: each must be found out within its family.
WRONG = {
    "integer division rounds": "math",
    "decimal quotients are cut off": "decimal",
    "upper case of all letters": "text",
    "NULL equals NULL": "where",
    "averages skip nothing": "group",
    "FILTER is forgotten": "group",
    "windows begin a second late": "tumble",
    "a pane is missing": "hop",
    "frames are a row longer": "over",
    "top-N takes one more": "top",
    "NULLs come first": "order",
}
wrong = None  # the one in force


# ---- data ----

COLUMNS = [
    ("id", "BIGINT", "i"), ("ts", "TIMESTAMP", "t"), ("k", "VARCHAR", "s"), ("g", "BIGINT", "i"), ("b", "BIGINT", "i"),
    ("d", "DECIMAL(10,2)", ("d", 10, 2)), ("e", "DECIMAL(18,4)", ("d", 18, 4)), ("f", "DOUBLE", "f"), ("x", "DOUBLE", "f"),
    ("s", "VARCHAR", "s"), ("t", "BOOLEAN", "b"), ("u", "TIMESTAMP", "t"), ("y", "DATE", "y"),
]
TEXTS = ["", "a", "A", "abc", "ABC", " x ", "S10", "S2", "12", "-7", "é", "Éa", "日本語", "😀 ok", "e\u0301x", "a,b,c", 'q"q', "it's", "%_", "zz top", "ß", "aXbXc"]
EXTREMES = [0, 1, -1, I64_MAX, -I64_MAX - 1, I64_MAX - 1, 2**31, -(2**31), 2**53 + 1, 3037000500, 10**18]
DOUBLES = ["NaN", "inf", "-inf", "0.0", "-0.0", "1e300", "-1e300", "5e-324", "1.7976931348623157e308", "0.1", "1.5", "-2.5"]


def make_rows(rng):
    """Rows with NULLs, duplicates, disorder within the watermark's two seconds, extreme numbers, unicode."""
    count = rng.choice([0, 1, 5, 40, 120, 120, 120, 250, 250, 250])
    keys = rng.sample(["a", "b", "c", "é", "日", "", "B"], rng.randint(1, 6)) + [None]
    nulls = rng.choice([0.0, 0.05, 0.2, 0.5])
    tame = rng.random() < 0.5  # most sums of b overflow when it is not
    clock = 1735689600_000000 + rng.randint(0, 86400) * 1_000_000
    step = rng.choice([1, 1000, 500_000, 3_000_000])
    cents = lambda digits: Decimal(rng.randint(-(10**digits) + 1, 10**digits - 1))
    rows = []
    for number in range(count):
        if rows and rng.random() < 0.05:  # a duplicate but for its number
            rows.append([number + 1] + rows[-1][1:])
            continue
        clock += rng.choice([0, 0, step, rng.randint(0, step)])
        ts = clock - rng.choice([0, 0, 0, rng.randint(0, 2_000_000), 2_000_000])
        ts -= ts % rng.choice([1, 1000, 1_000_000]) if clock - ts < 1_000_000 else 0
        day = datetime.date(1950, 1, 1) + datetime.timedelta(days=rng.randint(0, 54000))
        values = [
            rng.choice(keys),
            rng.randint(-1, 4),
            rng.randint(-1000, 1000) if tame or rng.random() < 0.7 else rng.choice(EXTREMES),
            cents(rng.choice([1, 3, 10])).scaleb(-2),
            cents(rng.choice([2, 6, 18])).scaleb(-4),
            rng.randint(-8000, 8000) / 8,
            rng.choice(DOUBLES),
            rng.choice(TEXTS),
            rng.random() < 0.5,
            show_time(rng.choice([rng.randint(-631152000, 4102444800) * 1_000_000, ts, ts + rng.randint(0, 10**10)])),
            day.isoformat(),
        ]
        rows.append([number + 1, show_time(ts)] + [None if rng.random() < nulls else value for value in values])
    return rows


def show_time(micros):
    return (EPOCH + datetime.timedelta(microseconds=micros)).isoformat(" ", "microseconds")


def write_rows(path, rows):
    def field(value):
        if value is None:
            return ""
        if isinstance(value, str):
            return '"' + value.replace('"', '""') + '"'  # '' is not NULL
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else f"{value:f}" if isinstance(value, Decimal) else str(value)

    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(name for name, _, _ in COLUMNS) + "\n")
        for row in rows:
            file.write(",".join(field(value) for value in row) + "\n")


# ---- expressions, in both dialects ----


class E:
    """An expression: its text for velo-tpc and for DuckDB, its type, and a bound of an integer.

    `checks` are the DuckDB texts that fail when it does, each part that can fail on its own: a NULL beside a part that
    fails hides the failure in DuckDB, not in velo-tpc."""

    def __init__(self, velo, duck, kind, bound=None, checks=()):
        self.velo, self.duck, self.kind, self.bound, self.checks = velo, duck, kind, bound, tuple(checks)

    @property
    def fails(self):
        return bool(self.checks)


def literal_text(text):
    return "'" + text.replace("'", "''") + "'"


def same(text, kind, bound=None):
    return E(text, text, kind, bound)


def both(form, *parts, kind, fails=False, bound=None):
    """The same text in both, about parts that differ."""
    return apart(form, form, *parts, kind=kind, fails=fails, bound=bound)


def apart(velo, duck, *parts, kind, fails=False, bound=None):
    """Different texts about the same parts; `fails` by itself, beside its parts."""
    duck = duck.format(*(p.duck for p in parts))
    checks = dict.fromkeys(check for p in parts for check in p.checks)
    return E(velo.format(*(p.velo for p in parts)), duck, kind, bound, [*checks, duck] if fails else checks)


def lazily(e, *branches):
    """An expression whose branches fail only where they are taken: (DuckDB's condition, branch)."""
    checks = [f"CASE WHEN {condition} THEN hash({check}) END" for condition, branch in branches for check in branch.checks]
    return E(e.velo, e.duck, e.kind, None, checks)


def value_of(e):
    """The DuckDB text of an expression; NULL where it fails."""
    return f"TRY({e.duck})" if e.fails else e.duck


def holds(e):
    """The DuckDB conditions that an expression does not fail: a hash is of NULLs too. (x + y IS NULL would not do, for
    DuckDB asks whether x or y is NULL then and does not add.)"""
    return [f"TRY(hash({check})) IS NOT NULL" for check in e.checks]


def is_decimal(kind):
    return isinstance(kind, tuple)


def huge(text, scale):
    """The digits of a DECIMAL as a HUGEINT."""
    return f"CAST(replace(CAST(CAST({text} AS DECIMAL(38,{scale})) AS VARCHAR), '.', '') AS HUGEINT)"


def decimal_of(text, scale):
    """A DECIMAL(38,scale) of the HUGEINT of its digits."""
    return f"(CAST({text} AS DECIMAL(38,0)) * {Decimal(1).scaleb(-scale):f})" if scale else f"CAST({text} AS DECIMAL(38,0))"


def quotient(above, below, scale):
    """above / below of HUGEINTs, both by DuckDB, rounded half away from zero, with `scale` digits."""
    if wrong == "decimal quotients are cut off":
        return decimal_of(f"(({above}) // ({below}))", scale)
    return decimal_of(f"half_up({above}, {below})", scale)


MACROS = """
CREATE MACRO half_up(a, b) AS (CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END)::HUGEINT * ((2::HUGEINT * abs(a) + abs(b)) // (2::HUGEINT * abs(b)));
CREATE MACRO floor_div(a, b) AS (a - ((a % b) + b) % b) // b;
CREATE MACRO reversed(s) AS CASE WHEN s = '' THEN '' ELSE list_aggregate(list_transform(range(length(s), 0, -1), lambda i: substring(s, i, 1)), 'string_agg', '') END;
"""


class Gen:
    """Random expressions over columns: `kinds` maps a column's name to its type."""

    def __init__(self, rng, kinds, small=()):
        self.rng, self.kinds, self.small = rng, kinds, set(small)

    def pick(self, *items):
        return self.rng.choice(items)

    def column(self, test):
        names = [name for name, kind in self.kinds.items() if test(kind)]
        if not names:
            return None
        name = self.rng.choice(names)
        bound = {"g": 4, "id": 1000}.get(name) if name in self.small else None
        return same(name, self.kinds[name], bound=bound)

    def of(self, kind, depth, safe=False):
        """An expression of a kind: i f s b t y d (any DECIMAL)."""
        make = {"i": self.integer, "f": self.double, "s": self.text, "b": self.condition, "t": self.time, "y": self.date, "d": self.decimal}[kind]
        for _ in range(8):
            e = make(depth, safe)
            if not (safe and e.fails):
                return e
        return make(0, safe)

    def any(self, depth, safe=False, kinds="iifdsbty"):
        return self.of(self.rng.choice(kinds), depth, safe)

    # integers

    def integer(self, depth, safe=False):
        if depth <= 0:
            leaf = self.column(lambda kind: kind == "i") if self.rng.random() < 0.8 else None
            n = self.rng.randint(-5, 9)
            return leaf or E(f"({n})" if n < 0 else str(n), f"CAST({n} AS BIGINT)", "i", bound=abs(n))
        return self.pick(self.integer_arithmetic, self.integer_arithmetic, self.integer_call, self.integer_other)(depth, safe)

    def integer_arithmetic(self, depth, safe):
        a, b = self.of("i", depth - 1, safe), self.of("i", depth - 1, safe)
        op = self.pick("+", "-", "*", "/", "%")
        if op in "/%":
            # `/` of integers truncates as the standard says; DuckDB's `//` does, its `/` is of DOUBLEs.
            duck = "//" if op == "/" else "%"
            if self.rng.random() < 0.6:
                n = self.pick(2, 3, 7, -3)
                b = E(f"({n})", f"CAST({n} AS BIGINT)", "i", bound=abs(n))
                if n > 0:
                    if op == "/" and wrong == "integer division rounds":
                        return apart("({} / {})", "CAST({} / {} AS BIGINT)", a, b, kind="i", bound=a.bound)
                    return apart("({} %s {})" % op, "({} %s {})" % duck, a, b, kind="i", bound=a.bound)
            return apart("({} %s {})" % op, "({} %s {})" % duck, a, b, kind="i", fails=True)
        bound = None
        if a.bound is not None and b.bound is not None:
            bound = a.bound * b.bound if op == "*" else a.bound + b.bound
        fails = bound is None or bound > I64_MAX
        return both("({} %s {})" % op, a, b, kind="i", fails=fails, bound=None if fails else bound)

    def integer_call(self, depth, safe):
        a = self.of("i", depth - 1, safe)
        match self.rng.randrange(12):
            case 0:
                return both("ABS({})", a, kind="i", fails=a.bound is None, bound=a.bound)
            case 1:
                return apart("SIGN({})", "CAST(sign({}) AS BIGINT)", a, kind="i", bound=1)
            case 2:
                return both("(-{})", a, kind="i", fails=a.bound is None, bound=a.bound)
            case 3:
                b = self.of("i", depth - 1, safe)
                return both(self.pick("GREATEST", "LEAST") + "({}, {})", a, b, kind="i")
            case 4:
                b = self.of("i", depth - 1, safe)
                op = self.pick("&", "|", "^")
                return apart("({} %s {})" % op, "xor({}, {})" if op == "^" else "({} %s {})" % op, a, b, kind="i")
            case 5:
                return both("({} >> 3)", a, kind="i") if a.bound is None else both("({} | 8)", a, kind="i")
            case 6:
                return both(self.pick("CHAR_LENGTH({})", "LENGTH({})").replace("CHAR_LENGTH", "LENGTH"), self.of("s", depth - 1, safe), kind="i", bound=10**6)
            case 7:
                return both("STRPOS({}, {})", self.of("s", depth - 1, safe), self.of("s", 0), kind="i", bound=10**6)
            case 8:
                return self.extract_call(depth, safe)
            case 9:
                return self.difference(depth, safe)
            case 10:
                return apart("MOD({}, 5)", "({} % 5)", a, kind="i", bound=4)
            case _:
                # A cast of a number to an integer cuts off; DuckDB's rounds.
                return apart("CAST({} AS BIGINT)", "CAST(trunc({}) AS BIGINT)", self.of("d", depth - 1, safe), kind="i", fails=True)

    def integer_other(self, depth, safe):
        match self.rng.randrange(5):
            case 0:
                return self.choice("i", depth, safe)
            case 1:
                return apart("CAST({} AS BIGINT)", "CAST(trunc({}) AS BIGINT)", same(self.pick("f", "x"), "f") if "x" in self.kinds else self.of("f", 0), kind="i", fails=True)
            case 2:
                # Text to integer: digits with a sign and spaces around; DuckDB takes '1e3' and '1.5' too.
                return apart("TRY_CAST({} AS BIGINT)", "CASE WHEN regexp_full_match(trim({0}, ' '), '[+-]?[0-9]+') THEN TRY_CAST({0} AS BIGINT) END", self.of("s", depth - 1, safe), kind="i")
            case 3:
                return both("CAST({} AS BIGINT)", self.of("b", depth - 1, safe), kind="i", bound=1)
            case _:
                return both("NULLIF({}, {})", self.of("i", depth - 1, safe), self.of("i", 0), kind="i")

    def extract(self, a):
        units = ["YEAR", "MONTH", "DAY", "DOW", "DOY", "WEEK", "QUARTER"]
        if a.kind == "t":
            units += ["HOUR", "MINUTE", "SECOND", "EPOCH", "MILLISECOND"]
        unit = self.rng.choice(units)
        # Sunday is 1, DuckDB's is 0; EPOCH is in whole seconds, DuckDB's is a DOUBLE.
        duck = {"DOW": "(extract(DOW FROM {}) + 1)", "EPOCH": "floor_div(epoch_us({}), 1000000)"}.get(unit, f"extract({unit} FROM {{}})")
        return apart(f"EXTRACT({unit} FROM {{}})", duck, a, kind="i", bound=10**11)

    def extract_call(self, depth, safe):
        return self.extract(self.of(self.pick("t", "t", "y"), depth - 1, safe))

    def difference(self, depth, safe):
        a, b = self.of("t", depth - 1, safe), self.of("t", 0)
        unit = self.pick("SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "YEAR")
        if self.rng.random() < 0.5:
            return apart(f"TIMESTAMPDIFF({unit}, {{}}, {{}})", f"datesub('{unit}', {{}}, {{}})", a, b, kind="i", bound=10**11)
        return apart(f"DATEDIFF({unit}, {{}}, {{}})", f"datediff('{unit}', {{}}, {{}})", a, b, kind="i", bound=10**11)

    def choice(self, kind, depth, safe):
        """CASE, IF, COALESCE and NULLIF, of one kind."""
        a, b = self.of(kind, depth - 1, safe), self.of(kind, depth - 1, safe)
        if is_decimal(a.kind) and a.kind != b.kind:
            b = a
        c = self.of("b", depth - 1, True)
        match self.rng.randrange(5):
            case 0:
                return lazily(both("CASE WHEN {} THEN {} ELSE {} END", c, a, b, kind=a.kind), (c.duck, a), (f"({c.duck}) IS NOT TRUE", b))
            case 1:
                return lazily(both("CASE WHEN {} THEN {} END", c, a, kind=a.kind), (c.duck, a))
            case 2:
                return lazily(apart("IF({}, {}, {})", "CASE WHEN {} THEN {} ELSE {} END", c, a, b, kind=a.kind), (c.duck, a), (f"({c.duck}) IS NOT TRUE", b))
            case 3:
                i = self.of("i", 0)
                return lazily(both("CASE {} WHEN 1 THEN {} WHEN 2 THEN {} END", i, a, b, kind=a.kind), (f"{i.duck} = 1", a), (f"{i.duck} = 2", b))
            case _:
                e = lazily(both("COALESCE({}, {})", a, b, kind=a.kind), (f"({a.duck}) IS NULL", b))
                return E(e.velo, e.duck, e.kind, None, a.checks + e.checks)

    # decimals

    def decimal(self, depth, safe=False):
        if depth <= 0:
            leaf = self.column(is_decimal) if self.rng.random() < 0.85 else None
            text = self.pick("1.25", "2.5", "9.999", "3.0001", "7.0")
            return leaf or E(text, text, ("d", len(text) - 1, len(text) - 2))
        a, b = self.of("d", depth - 1, safe), self.of("d", depth - 1, safe)
        n = self.rng.randrange(10)
        if n <= 6 and self.rng.random() < 0.2:  # a BIGINT enters as DECIMAL(19,0)
            b = self.of("i", 0)
            digits = 19 if b.velo in self.kinds else 10  # a small literal is an INT
            b = E(b.velo, f"CAST({b.duck} AS DECIMAL({digits},0))", ("d", digits, 0), None, b.checks)
        (_, p, s), (_, q, r) = a.kind, b.kind
        wide = lambda e: f"CAST({e.duck} AS DECIMAL(38,{e.kind[2]}))"  # DuckDB narrows products to 18 digits
        checks = dict.fromkeys(a.checks + b.checks)
        if n <= 2 and max(p - s, q - r) + max(s, r) + 1 <= 38:
            op, scale = self.pick("+", "-"), max(s, r)
            return E(f"({a.velo} {op} {b.velo})", f"({wide(a)} {op} {wide(b)})", ("d", max(p - s, q - r) + scale + 1, scale), None, checks)
        if n <= 4 and p + q + 1 <= 38:
            return E(f"({a.velo} * {b.velo})", f"({wide(a)} * {wide(b)})", ("d", p + q + 1, s + r), None, checks)
        scale = max(6, s + q + 1)
        width = p - s + r + scale
        if n <= 6 and width <= 36 and q <= 36:
            above, below = f"{huge(a.duck, s)} * 1{'0' * (scale - s + r)}::HUGEINT", huge(b.duck, r)
            duck = quotient(above, below, scale)
            return E(f"({a.velo} / {b.velo})", duck, ("d", width, scale), None, [*checks, duck])
        if n == 7:
            return both("CAST({} AS DECIMAL(20,3))", a, kind=("d", 20, 3), fails=p - s > 16)
        if n == 8:
            return self.choice("d", depth, safe)
        return both("ABS({})", a, kind=a.kind)

    def decimal_call(self, depth, safe):
        """What gives a DECIMAL of a precision that the generator does not follow: not to be calculated with."""
        a = self.of("d", depth - 1, safe)
        b = self.of("d", 0)
        form = self.pick("ROUND({}, 1)", "ROUND({})", "TRUNC({}, 1)", "CEIL({})", "FLOOR({})", "(-{})", "MOD({}, {})", "GREATEST({}, {})")
        if "}, {" in form:  # DuckDB rounds, or goes over to DOUBLEs, when digits run out
            scale = max(a.kind[2], b.kind[2])
            duck = ("({} %% {})" if form.startswith("MOD") else form).replace("{}", f"CAST({{}} AS DECIMAL(38,{scale}))").replace("%%", "%")
            return apart(form, duck, a, b, kind=("d", 0, 0), fails=form.startswith("MOD") or a.kind[1] - a.kind[2] + scale > 38)
        return both(form, a, kind=("d", 0, 0))

    # doubles

    def double(self, depth, safe=False):
        if depth <= 0:
            leaf = self.column(lambda kind: kind == "f") if self.rng.random() < 0.85 else None
            return leaf or same(self.pick("1e0", "2.5e0", "1e3", "5e-1"), "f")
        a, b = self.of("f", depth - 1, safe), self.of("f", depth - 1, safe)
        n = self.rng.randrange(8)
        if n <= 2:
            op = self.pick("+", "-", "*", "/")
            return both("({} %s {})" % op, a, b, kind="f")
        if n == 3:
            return both(self.pick("CAST({} AS DOUBLE)"), self.of(self.pick("i", "d"), depth - 1, safe), kind="f")
        if n == 4:
            return self.choice("f", depth, safe)
        if n == 5:  # DECIMAL with DOUBLE is DOUBLE
            return apart("({} * {})", "(CAST({} AS DOUBLE) * {})", self.of("d", depth - 1, safe), a, kind="f")
        if n == 6:
            return both(self.pick("ABS({})", "(-{})", "FLOOR({})", "CEIL({})", "SQRT({})", "CBRT({})"), a, kind="f")
        return both(self.pick("GREATEST({}, {})", "LEAST({}, {})"), a, b, kind="f")

    def double_call(self, depth, safe):
        """Functions of finite numbers only: DuckDB refuses sin(inf)."""
        a = same("f", "f") if "f" in self.kinds else same("1e0", "f")
        b = both("CAST({} AS DOUBLE)", self.of("i", 0), kind="f")
        name = self.pick("SIN", "COS", "TAN", "ATAN", "RADIANS", "DEGREES", "EXP", "LN", "LOG10", "LOG2", "ROUND", "TRUNC", "SIGN", "ATAN2", "POWER", "LOG", "PI", "MOD")
        if name in ("LN", "LOG10", "LOG2", "LOG"):
            # LN of no positive number is NaN or -inf as IEEE 754 says; DuckDB's follow.
            if name == "LOG":
                return apart("LOG({})", "ln({})", a, kind="f")
            return both(name + "({})", a, kind="f")
        if name == "ATAN2":
            return both("ATAN2({}, {})", a, b, kind="f")
        if name == "POWER":
            return both("POWER({}, %s)" % self.pick("2", "0.5", "3", "-1"), a, kind="f")
        if name == "MOD":
            return apart("MOD({}, {})", "({} % {})", a, same("2.5e0", "f"), kind="f")
        if name == "PI":
            return both("(PI() * {})", a, kind="f")
        if name == "SIGN":
            return apart("SIGN({})", "CAST(sign({}) AS DOUBLE)", a, kind="f")
        if name == "EXP":
            return both("EXP({} / 100e0)", a, kind="f")
        return both(name + "({})", a, kind="f")

    # texts

    def text(self, depth, safe=False):
        if depth <= 0:
            leaf = self.column(lambda kind: kind == "s") if self.rng.random() < 0.85 else None
            return leaf or same(literal_text(self.rng.choice(TEXTS)), "s")
        a = self.of("s", depth - 1, safe)
        part = self.pick("a", "X", "é", ",", " ", "bc", "0")
        n = self.rng.randint(-3, 5)
        match self.rng.randrange(20):
            case 0:  # ASCII letters only
                duck = "upper({})" if wrong == "upper case of all letters" else f"translate({{}}, {ASCII})"
                return apart("UPPER({})", duck, a, kind="s")
            case 1:
                return apart("LOWER({})", "translate({}, %s)" % ", ".join(reversed(ASCII.split(", "))), a, kind="s")
            case 2:  # a start before the text uses up the length, as the standard says; DuckDB's counts from the end
                length = self.rng.randint(0, 4)
                duck = f"substring({{}}, {max(n, 1)}, {length if n >= 1 else max(0, n + length - 1)})"
                return apart(f"SUBSTRING({{}} FROM {n} FOR {length})", duck, a, kind="s")
            case 3:
                return both(self.pick("LEFT", "RIGHT") + "({}, %d)" % n, a, kind="s")
            case 4:
                return apart("TRIM({})", "trim({}, ' ')", a, kind="s")
            case 5:
                return both(self.pick("LTRIM", "RTRIM") + "({}, 'ax ')", a, kind="s")
            case 6:
                return both(self.pick("LPAD", "RPAD") + "({}, %d, 'xé')" % abs(n), a, kind="s")
            case 7:
                return both("REPLACE({}, %s, 'öö')" % literal_text(part), a, kind="s")
            case 8:  # code points; DuckDB's reverse keeps combining marks with their letter
                return apart("REVERSE({})", "reversed({})", a, kind="s")
            case 9:
                return both("REPEAT({}, %d)" % abs(n), a, kind="s")
            case 10:
                return both("CONCAT_WS('-', {}, {}, 'z')", a, self.of("s", 0), kind="s")
            case 11:  # NULL when one is; DuckDB's concat skips them
                return apart("CONCAT({}, {})", "({} || {})", a, self.of("s", 0), kind="s")
            case 12:
                return both("({} || {})", a, self.of("s", 0), kind="s")
            case 13:
                return both("SPLIT_PART({}, %s, %d)" % (literal_text(part), n or 1), a, kind="s")
            case 14:  # from 0; none is NULL
                return apart("SPLIT_INDEX({}, %s, %d)" % (literal_text(part), abs(n)), "string_split({}, %s)[%d]" % (literal_text(part), abs(n) + 1), a, kind="s")
            case 15:
                return both(self.pick("MD5({})", "SHA256({})"), a, kind="s")
            case 16:
                return apart("REGEXP_REPLACE({}, '([a-z])(.)', '$2$1')", r"regexp_replace({}, '([a-z])(.)', '\2\1', 'g')", a, kind="s")
            case 17:  # NULL when there is none, DuckDB's is ''
                return apart("REGEXP_EXTRACT({}, '[a-z]+', 0)", "CASE WHEN regexp_matches({0}, '[a-z]+') THEN regexp_extract({0}, '[a-z]+', 0) END", a, kind="s")
            case 18:
                return both("CAST({} AS VARCHAR)", self.of(self.pick("i", "d", "y"), depth - 1, safe), kind="s")
            case _:
                return self.choice("s", depth, safe)

    # times

    def time(self, depth, safe=False):
        if depth <= 0:
            return self.column(lambda kind: kind == "t") or same("TIMESTAMP '2025-02-28 23:59:59.5'", "t")
        a = self.of("t", depth - 1, safe)
        n = self.rng.randint(-40, 40)
        match self.rng.randrange(6):
            case 0 | 1:
                return both("DATE_TRUNC('%s', {})" % self.pick("second", "minute", "hour", "day", "week", "month", "quarter", "year"), a, kind="t")
            case 2:
                return both("({} %s INTERVAL '%d' %s)" % (self.pick("+", "-"), abs(n), self.pick("SECOND", "MINUTE", "HOUR", "DAY")), a, kind="t")
            case 3:
                unit = self.pick("SECOND", "HOUR", "DAY", "MONTH", "YEAR")
                return apart(f"TIMESTAMPADD({unit}, {n}, {{}})", f"({{}} + INTERVAL ({n}) {unit})", a, kind="t")
            case 4:
                size = self.pick(1, 7, 60, 3600)
                return apart(f"DATE_BIN(INTERVAL '{size}' SECOND, {{}})", f"make_timestamp(floor_div(epoch_us({{}}), {size}000000) * {size}000000)", a, kind="t")
            case _:
                return self.choice("t", depth, safe)

    def date(self, depth, safe=False):
        if depth <= 0:
            return self.column(lambda kind: kind == "y") or same("DATE '2024-02-29'", "y")
        return both("CAST({} AS DATE)", self.of("t", depth - 1, safe), kind="y") if self.rng.random() < 0.5 else self.choice("y", depth, safe)

    # conditions

    def condition(self, depth, safe=False):
        if depth <= 0:
            return self.column(lambda kind: kind == "b") or same("(1 = 1)", "b")
        n = self.rng.randrange(14)
        kind = self.rng.choice("iifdstyb")
        a, b = self.of(kind, depth - 1, safe), self.of(kind, self.pick(0, depth - 1), safe)
        if n <= 4:
            return both("({} %s {})" % self.pick("=", "<>", "<", "<=", ">", ">="), a, b, kind="b")
        if n == 5:
            return self.between(kind, a, b)
        if n == 6:
            items = [self.of(kind, 0, True) for _ in range(self.rng.randint(1, 3))]
            null = self.rng.random() < 0.3
            velo, duck = (", ".join([getattr(i, side) for i in items] + ["NULL"] * null) for side in ("velo", "duck"))
            negated = self.pick("", "NOT ")
            return E(f"({a.velo} {negated}IN ({velo}))", f"({a.duck} {negated}IN ({duck}))", "b", None, a.checks)
        if n == 7:
            return self.like(self.of("s", depth - 1, safe))
        if n == 8:
            return both("({} IS %sNULL)" % self.pick("", "NOT "), a, kind="b")
        if n == 9:
            return both("({} IS %sDISTINCT FROM {})" % self.pick("", "NOT "), a, b, kind="b")
        if n <= 12:  # which side of AND runs first is DuckDB's choice: neither may fail
            if n == 12:
                return both("(NOT {})", self.of("b", depth - 1, safe), kind="b")
            return both("({} %s {})" % self.pick("AND", "OR"), self.of("b", depth - 1, True), self.of("b", depth - 1, True), kind="b")
        text = self.of("s", depth - 1, safe)
        return self.pick(
            both("STARTS_WITH({}, 'a')", text, kind="b"), both("ENDS_WITH({}, 'c')", text, kind="b"), both("CONTAINS({}, {})", text, self.of("s", 0), kind="b"),
            apart("({} ~ '^[A-Z]')", "regexp_matches({}, '^[A-Z]')", text, kind="b"), apart("REGEXP_LIKE({}, 'b|é')", "regexp_matches({}, 'b|é')", text, kind="b"),
        )

    def between(self, kind, a, b):
        if a.fails or b.fails:
            a = b = self.of(kind, 0, True)
        return both("({} %sBETWEEN {} AND {})" % self.pick("", "NOT "), a, b, self.of(kind, 0, True), kind="b")

    def like(self, a):
        pattern = self.pick("a%", "%b%", "_", "__%", "%", "", "S_%", "é%", "%,%")
        negated = self.pick("", "NOT ")
        if self.rng.random() < 0.2:
            return both("({} %sLIKE '%%!%%%%' ESCAPE '!')" % negated, a, kind="b")
        return both("({} %sLIKE %s)" % (negated, literal_text(pattern)), a, kind="b")


# ---- queries ----


class Query:
    def __init__(self, family, velo, duck, kinds, ordered=False):
        self.family, self.velo, self.duck, self.kinds, self.ordered = family, velo, duck, kinds, ordered


class From:
    """What a query reads: its text for both, and the generator of its columns. `time`: whether it has ts and id."""

    def __init__(self, velo, duck, gen, time=True):
        self.velo, self.duck, self.gen, self.time = velo, duck, gen, time


def table(rng):
    return From("a", "a", Gen(rng, {name: kind for name, _, kind in COLUMNS}, small=("g", "id")))


class Rows:
    """The rows that a query's expressions are computed from: DuckDB's inner query, without those that fail."""

    def __init__(self, source, condition=None):
        self.source, self.condition, self.items = source, condition, []

    def add(self, e):
        """The name that DuckDB's outer query has for an expression."""
        self.items.append(e)
        return f"v{len(self.items) - 1}"

    def duck(self, extra=""):
        items = [f"{value_of(e)} AS v{i}" for i, e in enumerate(self.items)] + (["id", "ts"] if self.source.time else []) + ([extra] if extra else [])
        where = [condition for e in self.items for condition in holds(e)]
        if self.condition:
            value = value_of(self.condition)
            where += [f"coalesce({value}, true)" if wrong == "NULL equals NULL" else value] + holds(self.condition)
        return f"SELECT {', '.join(items or ['1'])} FROM {self.source.duck}" + (f" WHERE {' AND '.join(f'({w})' for w in where)}" if where else "")

    def where(self):
        return f" WHERE {self.condition.velo}" if self.condition else ""


def maybe_where(source, chance=0.6):
    gen = source.gen
    return Rows(source, gen.of("b", gen.rng.randint(1, 3)) if gen.rng.random() < chance else None)


def projection(family, rng, kinds, depth, calls=(), chance=0.3):
    """SELECT expressions FROM a WHERE condition."""
    rows = maybe_where(table(rng), chance)
    gen = rows.source.gen
    items = [same("id", "i")]
    for _ in range(rng.randint(1, 5)):
        items.append(getattr(gen, rng.choice(calls))(depth, False) if calls and rng.random() < 0.5 else gen.any(depth, kinds=kinds))
    names = [rows.add(e) for e in items]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query(family, f"SELECT {velo} FROM a{rows.where()}", f"SELECT {named(names)} FROM ({rows.duck()})", [e.kind for e in items])


def named(texts):
    return ", ".join(f"{text} AS c{i}" for i, text in enumerate(texts))


def aggregate(rng, rows, over=False):
    """An aggregate: its text for both, its kind, and DuckDB's condition for a group that does not fail.

    With `over`, one that a frame can have, and that cannot overflow."""
    gen, calm = rows.source.gen, over
    kinds = "".join(kind for kind in "isbtdf" if gen.column(is_decimal if kind == "d" else lambda k, kind=kind: k == kind)) or "i"
    safe = over or rng.random() < 0.7
    arg = lambda choices: gen.any(rng.choice([0, 0, 1, 2]), safe, kinds="".join(k for k in choices if k in kinds) or "i")
    filtered = not over and rng.random() < 0.25
    condition = gen.of("b", 1, True) if filtered else None
    tail = f" FILTER (WHERE {condition.velo})" if filtered else ""
    duck_tail = f" FILTER (WHERE {rows.add(condition)})" if filtered and wrong != "FILTER is forgotten" else ""
    if filtered:
        arg = lambda choices: gen.any(1, True, kinds="".join(k for k in choices if k in kinds) or "i")
    distinct = "DISTINCT " if not over and rng.random() < 0.2 else ""
    call = lambda text: text + duck_tail
    n = rng.randrange(14 if rows.source.time else 9)
    if n == 0:
        return "COUNT(*)" + tail, call("count(*)"), "i", None
    if n == 1:
        e = arg("isbtdf")
        return f"COUNT({distinct}{e.velo})" + tail, call(f"count({distinct}{rows.add(e)})"), "i", None
    if n in (2, 3):
        return sum_or_average(rng, rows, arg("dfi" if not calm else "d"), distinct, tail, duck_tail)
    if n in (4, 5):
        e = arg("isdt")
        name = rng.choice(["MIN", "MAX"])
        return f"{name}({e.velo})" + tail, call(f"{name}({rows.add(e)})"), e.kind, None
    if n == 6 and not over:  # velo-tpc refuses BOOL_AND and BOOL_OR with OVER
        e = gen.of("b", 1, safe or filtered)
        name = rng.choice(["BOOL_AND", "BOOL_OR"])
        return f"{name}({e.velo})" + tail, call(f"{name}({rows.add(e)})"), "b", None
    if n in (7, 8):
        return statistic(rng, rows, distinct, tail, duck_tail, over)
    e = gen.of(rng.choice("df"), 0, True) if n == 13 else gen.of("s", 1, True) if n == 12 else arg("isdt")
    column = rows.add(e)
    if over:
        return f"MAX({e.velo})", f"max({column})", e.kind, None
    if n in (9, 10):  # by event time, ties by source order, of values that are not NULL
        name, order = rng.choice([("FIRST", "ts, id"), ("LAST", "ts DESC, id DESC")])
        keep = duck_tail[:-1] + f" AND {column} IS NOT NULL)" if duck_tail else f" FILTER (WHERE {column} IS NOT NULL)"
        return f"{name}({e.velo})" + tail, f"first({column} ORDER BY {order}){keep}", e.kind, None
    if n == 11:
        name = rng.choice(["ARG_MIN", "ARG_MAX"])
        return f"{name}({e.velo}, id)" + tail, call(f"{name}({column}, id)"), e.kind, None
    if n == 12:
        return f"STRING_AGG({e.velo}, '|')" + tail, call(f"string_agg({column}, '|' ORDER BY id)"), "s", None
    return f"DELTA({e.velo})" + tail, f"({call(f'max({column})')} - {call(f'min({column})')})", ("d", 0, 0) if is_decimal(e.kind) else "f", None


def sum_or_average(rng, rows, e, distinct, tail, duck_tail):
    if e.kind == "f":
        e = same("f", "f") if "f" in rows.source.gen.kinds else same("1e0", "f")  # no NaN and no cancellation of 1e300
    column = rows.add(e)
    total, count = f"sum({distinct}{column}){duck_tail}", f"count({distinct}{column}){duck_tail}"
    if wrong == "averages skip nothing":
        count = "count(*)"
    if rng.random() < 0.5:
        # A SUM of BIGINTs that does not fit in one when it is emitted is the group's error; DuckDB's is a HUGEINT.
        guard = f"coalesce({total} BETWEEN {-I64_MAX - 1} AND {I64_MAX}, true)" if e.kind == "i" else None
        return f"SUM({distinct}{e.velo})" + tail, total, ("d", 0, 0) if is_decimal(e.kind) else e.kind, guard
    if is_decimal(e.kind) and e.kind[2] <= 12 and e.kind[1] <= 20:
        # AVG of DECIMAL(p,s) is DECIMAL(38, max(s,6)), rounded half up; DuckDB's is a DOUBLE.
        scale = max(e.kind[2], 6)
        digits = f"{huge(total, e.kind[2])} * 1{'0' * (scale - e.kind[2])}::HUGEINT"
        return f"AVG({distinct}{e.velo})" + tail, f"CASE WHEN {count} > 0 THEN {quotient(digits, f'CAST({count} AS HUGEINT)', scale)} END", ("d", 38, scale), None
    if is_decimal(e.kind):
        return f"MIN({e.velo})" + tail, f"min({column}){duck_tail}", e.kind, None
    return f"AVG({distinct}{e.velo})" + tail, f"(CAST({total} AS DOUBLE) / nullif({count}, 0))", "f", None


def statistic(rng, rows, distinct, tail, duck_tail, over):
    """Aggregates of DOUBLEs, over multiples of an eighth."""
    gen = rows.source.gen
    if "f" not in gen.kinds or over:
        return "COUNT(*)" + tail, "count(*)" + duck_tail, "i", None
    a = same("f", "f")
    name = rng.choice(["STDDEV", "STDDEV_POP", "VARIANCE", "VAR_POP", "MEDIAN", "PERCENTILE_CONT", "PERCENTILE_DISC", "COVAR_SAMP", "COVAR_POP", "CORR", "REGR_SLOPE", "REGR_INTERCEPT", "REGR_R2", "SKEWNESS"])
    if name.startswith("PERCENTILE"):
        p = rng.choice(["0.5", "0.25", "0.9", "0", "1"])
        return f"{name}({a.velo}, {p})" + tail, f"{name.replace('PERCENTILE', 'quantile')}({rows.add(a)}, {p}){duck_tail}", "f", None
    if name in ("COVAR_SAMP", "COVAR_POP", "CORR", "REGR_SLOPE", "REGR_INTERCEPT", "REGR_R2"):
        b = both("CAST({} AS DOUBLE)", same("g", "i"), kind="f")
        return f"{name}({a.velo}, {b.velo})" + tail, f"{name}({rows.add(a)}, {rows.add(b)}){duck_tail}", "f", None
    return f"{name}({distinct}{a.velo})" + tail, f"{name}({distinct}{rows.add(a)}){duck_tail}", "f", None


def group_keys(rng, gen, most=3):
    """Group keys; each by its expression."""
    kinds = [k for k in "iiisstbydf" if gen.column(is_decimal if k == "d" else lambda kind, k=k: kind == k)]
    return [gen.of(rng.choice(kinds), rng.choice([0, 0, 0, 1, 2]), rng.random() < 0.8) for _ in range(rng.randint(0, most))]


def group_query(family, source, fixed=(), most=3, tail=" EMIT FINAL"):
    """SELECT keys, aggregates FROM source WHERE .. GROUP BY keys HAVING ..; `fixed` are keys that come first."""
    gen, rng = source.gen, source.gen.rng
    rows = maybe_where(source, 0.4)
    keys = list(fixed) + group_keys(rng, gen, most)
    keys = [key for i, key in enumerate(keys) if key.velo not in [k.velo for k in keys[:i]] and not key.velo.lstrip("-(").split(")")[0].isdigit()]
    names = [rows.add(key) for key in keys]
    items = [(key.velo, name, key.kind, None) for key, name in zip(keys, names)] + [aggregate(rng, rows) for _ in range(rng.randint(1, 4))]
    having = []
    if rng.random() < 0.3:
        n = rng.randint(0, 3)
        having = [(f"COUNT(*) > {n}", f"count(*) > {n}")]
        used = len(rows.items)
        extra = aggregate(rng, rows)
        if extra[2] == "i" and extra[3] is None:
            having.append((f"{extra[0]} < 50", f"{extra[1]} < 50"))
        else:
            del rows.items[used:]  # computed for nobody, it must not fail
    velo = f"SELECT {', '.join(f'{item[0]} AS c{i}' for i, item in enumerate(items))} FROM {source.velo}{rows.where()}"
    duck = f"SELECT {', '.join(f'{item[1]} AS c{i}' for i, item in enumerate(items))} FROM ({rows.duck()})"
    if keys:
        velo += " GROUP BY " + ", ".join(key.velo for key in keys)
        duck += " GROUP BY " + ", ".join(names)
    guards = [item[3] for item in items if item[3]] + [h[1] for h in having]
    velo += f" HAVING {' AND '.join(h[0] for h in having)}" if having else ""
    duck += f" HAVING {' AND '.join(guards)}" if guards else ""
    return Query(family, velo + tail, duck, [item[2] for item in items])


def family_where(rng):
    return projection("where", rng, "isb", 2, chance=1.0)


def family_math(rng):
    return projection("math", rng, "iiif", 3, ["double_call"])


def family_decimal(rng):
    return projection("decimal", rng, "d", 3, ["decimal_call"])


def family_text(rng):
    return projection("text", rng, "ssssib", 3)


def family_time(rng):
    return projection("time", rng, "ttyib", 3, ["extract_call"])


def family_project(rng):
    return projection("project", rng, "iifdsbty", 3, chance=0.5)


def family_group(rng):
    return group_query("group", table(rng))


def family_distinct(rng):
    rows = maybe_where(table(rng))
    items = [rows.source.gen.any(rng.choice([0, 0, 1]), kinds="iisstbydf") for _ in range(rng.randint(1, 3))]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    duck = named([rows.add(e) for e in items])
    return Query("distinct", f"SELECT DISTINCT {velo} FROM a{rows.where()} EMIT FINAL", f"SELECT DISTINCT {duck} FROM ({rows.duck()})", [e.kind for e in items])


def family_order(rng):
    """Rows, or groups, in a total order, cut to a few."""
    rows = maybe_where(table(rng))
    gen = rows.source.gen
    items = [gen.any(1, kinds="iisstybdf") for _ in range(rng.randint(1, 3))] + [same("id", "i")]
    names = [rows.add(e) for e in items]
    order = list(range(len(items) - 1))
    rng.shuffle(order)
    words = [rng.choice(["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]) for _ in order] + [rng.choice(["", " DESC"])]
    order.append(len(items) - 1)
    limit = f" LIMIT {rng.randint(0, 20)}" if rng.random() < 0.7 else ""
    # NULLs last, ascending or not.
    usual = " NULLS FIRST" if wrong == "NULLs come first" else " NULLS LAST"
    velo = ", ".join(f"c{i}{w}" for i, w in zip(order, words))
    duck = ", ".join(f"v{i}{w}{'' if 'NULLS' in w else usual}" for i, w in zip(order, words))
    select = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query("order", f"SELECT {select} FROM a{rows.where()} ORDER BY {velo}{limit} EMIT FINAL", f"SELECT {named(names)} FROM ({rows.duck()}) ORDER BY {duck}{limit}", [e.kind for e in items], ordered=True)


# ---- windows ----

START, END = same("window_start", "t"), same("window_end", "t")


def windowed(rng, family, time="ts", source="a", inner=None):
    """A windowing table function, and its like in DuckDB: a column of starts and one of ends by integer division."""
    size = rng.choice([1, 2, 5, 10, 60, 3600]) * 1_000_000
    offset = rng.choice([0, 0, 0, 300_000, 7_000_000]) % size
    if family == "tumble" and wrong == "windows begin a second late":
        offset += 1_000_000 if size > 1_000_000 else 500_000
    seconds = lambda micros: f"INTERVAL '{Decimal(micros).scaleb(-6).normalize():f}' SECOND"
    micros = f"epoch_us({time})"
    base = lambda step: f"(({micros} - {offset}) // {step}) * {step} + {offset}"
    end = f"({seconds(offset)})"
    tail = f", {seconds(offset)}" if offset and wrong is None else ""
    if family == "tumble":
        velo = f"TUMBLE(TABLE {source}, DESCRIPTOR({time}), {seconds(size)}{tail})"
        duck = f"SELECT *, make_timestamp({base(size)}) AS window_start, make_timestamp({base(size)} + {size}) AS window_end FROM {inner or source}"
        return velo, f"({duck})"
    step = size // rng.choice([1, 2, 4, 5])
    parts = size // step
    size = step * parts + (rng.choice([0, step // 2]) if family == "hop" else 0)
    tail = f", {seconds(offset % step)}" if offset % step and family == "hop" else ""
    if family == "hop":
        offset %= step
        velo = f"HOP(TABLE {source}, DESCRIPTOR({time}), {seconds(step)}, {seconds(size)}{tail})"
        count = -(-size // step) - (1 if wrong == "a pane is missing" else 0)
        start = f"{base(step)} - n * {step}"
        duck = f"SELECT *, make_timestamp({start}) AS window_start, make_timestamp({start} + {size}) AS window_end FROM {inner or source}, range({count}) r(n) WHERE {micros} < {start} + {size}"
        return velo, f"({duck})"
    offset = 0
    velo = f"CUMULATE(TABLE {source}, DESCRIPTOR({time}), {seconds(step)}, {seconds(size)})"
    end = f"{base(size)} + (n + 1) * {step}"
    duck = f"SELECT *, make_timestamp({base(size)}) AS window_start, make_timestamp({end}) AS window_end FROM {inner or source}, range({parts}) r(n) WHERE {micros} < {end}"
    return velo, f"({duck})"


def window_query(family, rng):
    velo, duck = windowed(rng, family)
    source = From(velo, duck, table(rng).gen)
    return group_query(family, source, [START, END], 2)


def family_tumble(rng):
    return window_query("tumble", rng)


def family_hop(rng):
    return window_query("hop", rng)


def family_cumulate(rng):
    return window_query("cumulate", rng)


# ---- OVER ----

FRAMED = [("ROWS {n} PRECEDING", "ROWS BETWEEN {n} PRECEDING AND CURRENT ROW"), ("ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",) * 2, ("ROWS BETWEEN {m} PRECEDING AND {n} PRECEDING",) * 2,
          ("RANGE BETWEEN INTERVAL '{n}' SECOND PRECEDING AND CURRENT ROW",) * 2, ("",) * 2]


def over_item(rng, rows, final):
    """A window function; rows are in time order and then in source order, or in source order alone without FINAL."""
    gen = rows.source.gen
    part = [gen.of(rng.choice("sib"), 0, True) for _ in range(rng.randint(0, 2))]
    part = [e for e in part if e.velo in gen.kinds]
    names = [rows.add(e) for e in part]
    by = lambda texts: f"PARTITION BY {', '.join(texts)} " if texts else ""
    order = "ts, id" if final else "id"
    close = lambda peers, frame="": f"OVER ({by(names)}ORDER BY {'ts' if peers else order} {frame})"
    velo_by = by([e.velo for e in part]) + "ORDER BY ts"
    e = gen.any(rng.choice([0, 1]), True, kinds="isdt")
    n = rng.randrange(8)
    if n == 0:
        return f"ROW_NUMBER() OVER ({velo_by})", f"row_number() {close(False)}", "i"
    if n == 1 and final:
        name = rng.choice(["RANK", "DENSE_RANK"])
        return f"{name}() OVER ({velo_by})", f"{name}() {close(True)}", "i"
    if n == 2:
        k = rng.randint(1, 3)
        return f"LAG({e.velo}, {k}) OVER ({velo_by})", f"lag({rows.add(e)}, {k}) {close(False)}", e.kind
    frame, duck_frame = FRAMED[rng.randrange(len(FRAMED) if final else 3)]
    size = rng.randint(0, 5)
    numbers = {"n": size, "m": size + rng.randint(0, 3)}
    frame, longer = frame.format(**numbers), 1 if wrong == "frames are a row longer" else 0
    duck_frame = duck_frame.format(**{name: value + longer for name, value in numbers.items()})
    if n == 3 and "ROWS" in frame:
        name = rng.choice(["FIRST_VALUE", "LAST_VALUE"])
        return f"{name}({e.velo}) OVER ({velo_by} {frame})", f"{name}({rows.add(e)}) {close(False, duck_frame)}", e.kind
    velo, duck, kind, _ = aggregate(rng, rows, over=True)
    return f"{velo} OVER ({velo_by} {frame})", re.sub(r"\b(count|sum|min|max|bool_and|bool_or)\(([^()]*)\)", lambda m: f"{m.group(0)} {close('ROWS' not in frame, duck_frame)}", duck, flags=re.I), kind


def family_over(rng):
    rows = maybe_where(table(rng), 0.3)
    final = rng.random() < 0.7
    items = [("id", rows.add(same("id", "i")), "i")] + [over_item(rng, rows, final) for _ in range(rng.randint(1, 3))]
    velo = ", ".join(f"{item[0]} AS c{i}" for i, item in enumerate(items))
    duck = ", ".join(item[1] for item in items)
    return Query("over", f"SELECT {velo} FROM a{rows.where()}{' EMIT FINAL' if final else ''}", f"SELECT {duck} FROM ({rows.duck()})", [item[2] for item in items])


def family_rank(rng):
    """Ranks over whole partitions by any order: at the end of the input, NULLs last, peers in source order."""
    rows = maybe_where(table(rng), 0.3)
    gen = rows.source.gen
    items, kinds = ["id"], ["i"]
    ducks = [rows.add(same("id", "i"))]
    part, key = gen.column(lambda kind: kind in ("s", "b", "i")), gen.column(lambda kind: kind not in ("t",))
    word = rng.choice(["", " DESC"])
    velo = f"(PARTITION BY {part.velo} ORDER BY {key.velo}{word})"
    names = rows.add(part), rows.add(key)
    for name in rng.sample(["ROW_NUMBER()", "RANK()", "DENSE_RANK()", "PERCENT_RANK()", "CUME_DIST()", f"NTILE({rng.randint(1, 5)})"], 2):
        tie = ", id" if name.startswith(("ROW", "NTILE")) else ""
        items.append(f"{name} OVER {velo}")
        ducks.append(f"{name} OVER (PARTITION BY {names[0]} ORDER BY {names[1]}{word} NULLS LAST{tie})")
        kinds.append("f" if name[0] in "PC" else "i")
    select = ", ".join(f"{item} AS c{i}" for i, item in enumerate(items))
    return Query("rank", f"SELECT {select} FROM a{rows.where()} EMIT FINAL", f"SELECT {', '.join(ducks)} FROM ({rows.duck()})", kinds)


def family_top(rng):
    """The first rows of each partition, by QUALIFY or by a subquery; also of aggregated groups."""
    rows = maybe_where(table(rng), 0.4)
    gen = rows.source.gen
    part, key = gen.column(lambda kind: kind in ("s", "b", "i")), gen.column(lambda kind: kind != "b")
    items = [same("id", "i"), part, key, gen.any(1, True)]
    names = [rows.add(e) for e in items]
    word, n = rng.choice(["", " DESC"]), rng.randint(1, 4)
    rank = f"ROW_NUMBER() OVER (PARTITION BY {part.velo} ORDER BY {key.velo}{word})"
    select = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    test = rng.choice([f"<= {n}", f"< {n + 1}"])
    if rng.random() < 0.5:
        velo = f"SELECT {select} FROM a{rows.where()} QUALIFY {rank} {test} EMIT FINAL"
    else:
        velo = f"SELECT c0, c1, c2, c3 FROM (SELECT {select}, {rank} AS r FROM a{rows.where()}) WHERE r {test} EMIT FINAL"
    more = n + 1 if wrong == "top-N takes one more" else n
    duck = f"SELECT {', '.join(names)} FROM ({rows.duck()}) QUALIFY row_number() OVER (PARTITION BY v1 ORDER BY v2{word} NULLS LAST, v0) <= {more}"
    return Query("top", velo, duck, [e.kind for e in items])


# ---- queries of queries ----


def inner_source(rng, query, time=False):
    """A query as a source; what has no precision that can be followed is not calculated with."""
    kinds = {f"c{i}": kind for i, kind in enumerate(query.kinds) if not (is_decimal(kind) and kind[1] == 0)}
    velo = query.velo.removesuffix(" EMIT FINAL")
    return velo, From(f"({velo})", f"({query.duck})", Gen(rng, kinds), time=time)


def family_nested(rng):
    """Groups, or expressions, of groups, windows, DISTINCT and projections; as a subquery, or by WITH."""
    make = rng.choice([family_group, family_distinct, family_project, family_tumble, family_hop, family_text])
    velo, source = inner_source(rng, make(rng))
    if not source.gen.kinds or "TRY(" in source.duck:
        return family_nested(rng)  # a column that nobody reads is not computed, and does not fail then
    if rng.random() < 0.3 and make is not family_hop:
        items = [source.gen.any(1, True, "".join(k for k in "isbtf" if k in source.gen.kinds.values()) or "i") for _ in range(2)]
        rows = maybe_where(source, 0.5)
        names = [rows.add(e) for e in items]
        query = Query("nested", f"SELECT {', '.join(f'{e.velo} AS c{i}' for i, e in enumerate(items))} FROM {source.velo}{rows.where()} EMIT FINAL", f"SELECT {', '.join(names)} FROM ({rows.duck()})", [e.kind for e in items])
    else:
        query = group_query("nested", source, most=2)
    if rng.random() < 0.4:
        query.velo = f"WITH q AS ({velo}) " + query.velo.replace(source.velo, "q", 1)
    return query


def family_windows(rng):
    """Windows of windows, by window_time."""
    query = window_query(rng.choice(["tumble", "hop"]), rng)
    velo = query.velo.removesuffix(" EMIT FINAL").replace("SELECT ", "SELECT window_time, ", 1)
    inner = f"(SELECT c1 - INTERVAL 1 MICROSECOND AS window_time, * FROM ({query.duck}))"  # an end less a nanosecond
    velo_source, duck_source = windowed(rng, "tumble", "window_time", "q", inner)
    kinds = {f"c{i}": kind for i, kind in enumerate(query.kinds) if i > 1 and not (is_decimal(kind) and kind[1] == 0)}
    if not kinds or "TRY(" in query.duck:
        return family_windows(rng)
    source = From(velo_source, duck_source, Gen(rng, kinds), time=False)
    outer = group_query("windows", source, [START, END], 1)
    outer.velo = f"WITH q AS ({velo}) {outer.velo}"
    return outer


def subquery_test(gen):
    """A condition with a subquery over the same table: IN, EXISTS or a value, with the row's own key or without."""
    filter = gen.pick("", " WHERE q.t", " WHERE q.g IS NOT NULL", " WHERE q.g > 2", " WHERE q.id < 0", " WHERE q.s LIKE 'a%'")
    also = filter.replace(" WHERE", " AND")
    negated = gen.pick("", "NOT ")
    alike = gen.pick(("id", "g", "b"), ("k", "s"), ("ts", "u"), ("d",), ("y",))
    outer, inner, key, its = gen.pick(*alike), gen.pick(*alike), gen.pick("k", "s"), gen.pick("k", "s")
    call = gen.pick("MIN(q.b)", "MAX(q.g)", "COUNT(*)", "COUNT(q.k)", "MAX(q.id)")
    limited = gen.pick("", " LIMIT 1") if not filter else ""
    return same(gen.pick(
        f"(a.{outer} {negated}IN (SELECT q.{inner} FROM a AS q{filter}))",
        f"({negated}EXISTS (SELECT q.{inner} FROM a AS q{filter}))",
        f"({gen.pick('g', 'b', 'id')} {gen.pick('<', '>', '=', '<=')} (SELECT {call} FROM a AS q{filter}))",
        f"(g < (SELECT q.id FROM a AS q{filter} ORDER BY q.id{gen.pick('', ' DESC')} LIMIT 1))",
        f"({negated}EXISTS (SELECT 1 FROM a AS q WHERE q.{its} = a.{key}{also}))",
        f"({negated}EXISTS (SELECT q.id FROM a AS q WHERE a.{key} = q.{its} AND q.g = a.g{also}))",
        f"(a.{outer} {negated}IN (SELECT q.{inner} FROM a AS q WHERE q.{its} = a.{key}{also}))",
        f"(a.{outer} {negated}IN (SELECT q.{inner} FROM a AS q{filter} UNION ALL SELECT r.{inner} FROM a AS r WHERE r.g = 1{limited}))" if not limited else
        f"({negated}EXISTS (SELECT q.id FROM a AS q{limited}))",
    ), "b")


def family_subquery(rng):
    """Subqueries in items, in WHERE, and in HAVING."""
    source = table(rng)
    if rng.random() < 0.3:
        query = group_query("subquery", source, most=1, tail="")
        bound = rng.choice(["MIN(q.g)", "MAX(q.g)", "COUNT(*)"])
        having = f" HAVING COUNT(*) {rng.choice('<>')} (SELECT {bound} FROM a AS q WHERE q.id < 40)"
        if " HAVING " not in query.velo and " HAVING " not in query.duck:
            query.velo, query.duck = query.velo + having, query.duck + having
        query.velo += " EMIT FINAL"
        return query
    rows = Rows(source, subquery_test(source.gen) if rng.random() < 0.6 else None)
    items = [same("id", "i")] + [subquery_test(source.gen) for _ in range(rng.randint(1, 3))]
    names = [rows.add(e) for e in items]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query("subquery", f"SELECT {velo} FROM a{rows.where()}", f"SELECT {named(names)} FROM ({rows.duck()})", [e.kind for e in items])


def family_union(rng):
    """Groups, OVER and DISTINCT over unions of parts of the table; and unions with ORDER BY and LIMIT."""
    gen = table(rng).gen
    parts = [gen.pick("", " WHERE t", " WHERE g > 2", " WHERE k IS NOT NULL", " WHERE id < 40", " WHERE s < 'b'") for _ in range(3)]
    word = gen.pick("UNION ALL", "UNION ALL", "UNION")
    last = gen.pick(f"SELECT * FROM a{parts[2]}", "(SELECT * FROM a ORDER BY id, ts, k, g LIMIT 7)")
    union = gen.pick(
        f"SELECT * FROM a{parts[0]} {word} SELECT * FROM a{parts[1]}",
        f"SELECT * FROM a{parts[0]} UNION ALL SELECT * FROM a{parts[1]} {word} {last}",
        f"SELECT * FROM (SELECT * FROM a{parts[0]} UNION ALL SELECT * FROM a{parts[1]}) AS q WHERE b > 0 UNION ALL {last}",
    )
    if rng.random() < 0.3:  # the union itself
        columns = gen.pick("id, k", "k, t", "g, s")
        kinds = {"id": "i", "k": "s", "t": "b", "g": "i", "s": "s"}
        union = union.replace("*", columns) if "q" not in union and last not in union else f"SELECT {columns} FROM ({union}) AS r UNION SELECT {columns} FROM a{parts[0]}"
        return Query("union", union + " EMIT FINAL" * ("ALL" not in union.rsplit("UNION", 1)[1][:4]), union, [kinds[name] for name in columns.split(", ")])
    return group_query("union", From(f"({union}) AS a", f"({union}) AS a", gen, time=False))  # FIRST and LAST go by source order


def family_over_groups(rng):
    """Ranks of groups by their keys and aggregates, in the SELECT that groups, with QUALIFY."""
    gen = table(rng).gen
    keys = rng.sample(["k", "s", "g", "t"], rng.randint(1, 2))
    kinds = {"k": "s", "s": "s", "g": "i", "t": "b"}
    calls = rng.sample(["COUNT(*)", "SUM(g)", "MIN(s)", "MAX(k)", "COUNT(DISTINCT g)", "MAX(id)"], 2)
    of_calls = {"MIN(s)": "s", "MAX(k)": "s"}
    order = [f"{call} {gen.pick('', 'DESC')} NULLS LAST" for call in calls] + [f"{key} NULLS LAST" for key in keys]
    partition = gen.pick("", f"PARTITION BY {keys[0]} ")
    over = f"OVER ({partition}ORDER BY {', '.join(order[rng.randint(0, 1):])})"
    ranks = rng.sample([("ROW_NUMBER()", "i"), ("RANK()", "i"), ("DENSE_RANK()", "i"), ("PERCENT_RANK()", "f"), ("CUME_DIST()", "f"), ("NTILE(3)", "i")], 2)
    items = [(key, kinds[key]) for key in keys] + [(call, of_calls.get(call, "i")) for call in calls] + [(f"{rank} {over}", kind) for rank, kind in ranks]
    where = gen.pick("", " WHERE t", " WHERE id < 60")
    having = gen.pick("", " HAVING COUNT(*) > 1")
    qualify = gen.pick("", f" QUALIFY ROW_NUMBER() {over} <= 3", f" QUALIFY RANK() {over} < 3 AND COUNT(*) > 1")
    text = f"SELECT {', '.join(f'{item} AS c{i}' for i, (item, _) in enumerate(items))} FROM a{where} GROUP BY {', '.join(keys)}{having}{qualify}"
    return Query("over_groups", text + " EMIT FINAL", text, [kind for _, kind in items])


def family_grouping(rng):
    """GROUPING SETS, ROLLUP and CUBE with GROUPING, HAVING and OVER."""
    gen = table(rng).gen
    kinds = {"k": "s", "s": "s", "g": "i", "t": "b"}
    keys = rng.sample(list(kinds), rng.randint(1, 3))
    listed = ", ".join(keys)
    some = f"({', '.join(rng.sample(keys, rng.randint(1, len(keys))))})"
    sets = gen.pick(f"ROLLUP ({listed})", f"CUBE ({listed})", f"GROUPING SETS (({listed}), {some}, ())", f"GROUPING SETS ({some}, ({listed}), {some})")
    if len(keys) > 1:
        sets = gen.pick(sets, sets, f"{keys[0]}, ROLLUP ({', '.join(keys[1:])})", f"ROLLUP ({keys[0]}), CUBE ({', '.join(keys[1:])})")
    calls = rng.sample(["COUNT(*)", "SUM(g)", "MIN(s)", "MAX(k)", "COUNT(DISTINCT g)", "MAX(id)"], 2)
    items = [(key, kinds[key]) for key in keys] + [(call, {"MIN(s)": "s", "MAX(k)": "s"}.get(call, "i")) for call in calls]
    items.append((f"GROUPING({', '.join(rng.sample(keys, rng.randint(1, len(keys))))})", "i"))
    if rng.random() < 0.4:
        items.append((f"RANK() OVER (PARTITION BY GROUPING({listed}) ORDER BY {calls[0]} DESC NULLS LAST)", "i"))
    where = gen.pick("", " WHERE t", " WHERE id < 60", " WHERE id < 0")
    having = gen.pick("", "", " HAVING COUNT(*) > 1", f" HAVING GROUPING({keys[0]}) = 0")
    text = f"SELECT {', '.join(f'{item} AS c{i}' for i, (item, _) in enumerate(items))} FROM a{where} GROUP BY {sets}{having}"
    return Query("grouping", text + " EMIT FINAL", text, [kind for _, kind in items])


FAMILIES = {name.removeprefix("family_"): make for name, make in list(globals().items()) if name.startswith("family_")}


# ---- running and comparing ----


def canonical(value, kind):
    """A value of an answer as it is compared: times in microseconds, numbers by value."""
    if value is None:
        return None
    if kind == "t" and isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
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


def query_of(seed, only):
    rng = random.Random(f"query {seed}")
    family = rng.choice(list(FAMILIES))
    return FAMILIES[only or family](rng)


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
        self.head = self.table_sql()
        self.workers, self.morsel = self.rng.randint(1, 3), self.rng.choice([0, 0, 1, 3, 64])
        queries = {seed: query_of(seed, self.options.only) for seed in self.seeds}
        formats = {seed: random.Random(f"format {seed}").choice(["csv", "json"]) for seed in self.seeds}
        failures = self.run_velo(queries, formats)
        results = []
        connection = self.load()
        for seed, query in queries.items():
            results.append((seed, query, *self.compare(connection, seed, query, formats[seed], failures.get(seed))))
        if not self.options.keep and not any(problem for *_, problem in results):
            shutil.rmtree(self.dir)
        return results

    def table_sql(self):
        columns = ", ".join(f"{name} {kind}" for name, kind, _ in COLUMNS)
        return f"CREATE TABLE a ({columns}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH ('connector' = 'file', 'path' = '{self.dir}/a.csv', 'format' = 'csv', 'csv.header' = 'true');"

    def statement(self, seed, query, format):
        null = ", 'csv.null' = '\\N'" if format == "csv" else ""
        return f"CREATE STREAM o{seed} WITH ('connector' = 'file', 'path' = '{self.dir}/o{seed}', 'format' = '{format}'{null}) AS {query.velo};"

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
        connection.execute(f"CREATE TABLE a AS SELECT * FROM read_csv('{self.dir}/a.csv', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, columns = {{{columns}}})")
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
    """(Counter of queries by family, rows compared, queries with rows, [(seed, family)] of mismatches)"""
    batches = {}
    for seed in seeds:
        batches.setdefault(seed // BATCH, []).append(seed)
    counts, rows_all, filled, bad = Counter(), 0, 0, []
    lock = threading.Lock()
    with ThreadPoolExecutor(options.jobs) as pool:
        for results in pool.map(lambda part: Batch(options, part).run(), batches.values()):
            for seed, query, rows, problem in results:
                counts[query.family] += 1
                rows_all += rows
                filled += rows > 0
                if problem:
                    bad.append((seed, query.family))
                    if not quiet:
                        with lock:
                            again = f" --only {options.only}" if options.only else ""
                            print(f"\nseed {seed} ({query.family}): {problem}\n  velo-tpc: {query.velo}\n  DuckDB:   {query.duck}\n  again:    scripts/differential.sh --seed {seed}{again} --keep", flush=True)
    return counts, rows_all, filled, bad


def self_check(options):
    """Every deliberately wrong translation must be found out, and the right ones must agree on the same seeds."""
    global wrong
    unseen = []
    for name, family in WRONG.items():
        options.only = family
        seeds = range(options.first, options.first + 60)
        wrong = None
        honest = set(run(options, seeds, quiet=True)[3])
        wrong = name
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
    counts, rows, filled, bad = run(options, seeds)
    print("\nqueries " + ", ".join(f"{family} {count}" for family, count in sorted(counts.items())))
    print(f"{sum(counts.values())} queries, {filled} of them with rows, {rows} rows compared; {len(bad)} differ" + (f": seeds {', '.join(str(seed) for seed, _ in bad[:50])}" if bad else ""))
    if bad:
        sys.exit(1)
    if len(seeds) >= 100 and filled < len(seeds) // 2:
        sys.exit("differential: most answers are empty: nothing was compared")


if __name__ == "__main__":
    main()
