"""Expressions in both dialects, side by side, and what makes them of parts."""
from decimal import Decimal

from planted import planted


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
    if planted("decimal quotients are cut off"):
        return decimal_of(f"(({above}) // ({below}))", scale)
    return decimal_of(f"half_up({above}, {below})", scale)


MACROS = """
CREATE MACRO half_up(a, b) AS (CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END)::HUGEINT * ((2::HUGEINT * abs(a) + abs(b)) // (2::HUGEINT * abs(b)));
CREATE MACRO floor_div(a, b) AS (a - ((a % b) + b) % b) // b;
CREATE MACRO reversed(s) AS CASE WHEN s = '' THEN '' ELSE list_aggregate(list_transform(range(length(s), 0, -1), lambda i: substring(s, i, 1)), 'string_agg', '') END;
"""
