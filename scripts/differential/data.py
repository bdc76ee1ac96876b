"""The table that all queries read: random rows, and the file that both engines read them from."""
import datetime
from decimal import Decimal

I64_MAX = 2**63 - 1
EPOCH = datetime.datetime(1970, 1, 1)
COLUMNS = [
    ("id", "BIGINT", "i"), ("ts", "TIMESTAMP", "t"), ("k", "VARCHAR", "s"), ("g", "BIGINT", "i"), ("b", "BIGINT", "i"),
    ("d", "DECIMAL(10,2)", ("d", 10, 2)), ("e", "DECIMAL(18,4)", ("d", 18, 4)), ("f", "DOUBLE", "f"), ("x", "DOUBLE", "f"),
    ("s", "VARCHAR", "s"), ("t", "BOOLEAN", "b"), ("u", "TIMESTAMP", "t"), ("y", "DATE", "y"),
]
TEXTS = ["", "a", "A", "abc", "ABC", " x ", "S10", "S2", "12", "-7", "é", "Éa", "日本語", "😀 ok", "e\u0301x", "a,b,c", 'q"q', "it's", "%_", "zz top", "ß", "aXbXc"]
EXTREMES = [0, 1, -1, I64_MAX, -I64_MAX - 1, I64_MAX - 1, 2**31, -(2**31), 2**53 + 1, 3037000500, 10**18]
DOUBLES = ["NaN", "inf", "-inf", "0.0", "-0.0", "1e300", "-1e300", "5e-324", "1.7976931348623157e308", "0.1", "1.5", "-2.5"]


def make_rows(rng, rising=False):
    """Rows with NULLs, duplicates, disorder within the watermark's two seconds, extreme numbers, unicode.

    With `rising` each time is later than the one before."""
    count = rng.choice([0, 1, 5, 40, 120, 120, 120, 250, 250, 250])
    keys = rng.sample(["a", "b", "c", "é", "日", "", "B"], rng.randint(1, 6)) + [None]
    nulls = rng.choice([0.0, 0.05, 0.2, 0.5])
    tame = rng.random() < 0.5  # most sums of b overflow when it is not
    clock = 1735689600_000000 + rng.randint(0, 86400) * 1_000_000
    step = rng.choice([1, 1000, 500_000, 3_000_000])
    cents = lambda digits: Decimal(rng.randint(-(10**digits) + 1, 10**digits - 1))
    rows, latest = [], 0
    for number in range(count):
        if rows and not rising and rng.random() < 0.05:  # a duplicate but for its number
            rows.append([number + 1] + rows[-1][1:])
            continue
        clock += rng.choice([0, 0, step, rng.randint(0, step)])
        ts = clock - rng.choice([0, 0, 0, rng.randint(0, 2_000_000), 2_000_000])
        ts -= ts % rng.choice([1, 1000, 1_000_000]) if clock - ts < 1_000_000 else 0
        if rising:
            latest = ts = max(ts, latest + 1)
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
