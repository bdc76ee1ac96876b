"""Random expressions over columns, in both dialects."""
from data import I64_MAX, TEXTS
from expression import E, apart, both, huge, is_decimal, lazily, literal_text, quotient, same
from planted import planted

ASCII = "'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"


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
                    if op == "/" and planted("integer division rounds"):
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
                duck = "upper({})" if planted("upper case of all letters") else f"translate({{}}, {ASCII})"
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
            op = self.pick("=", "<>", "<", "<=", ">", ">=")
            if kind == "d":  # DuckDB has no DECIMAL that both fit in where one is long and the other has many decimals
                return apart(f"({{}} {op} {{}})", f"coalesce(TRY({{0}} {op} {{1}}), CAST({{0}} AS DOUBLE) {op} CAST({{1}} AS DOUBLE))", a, b, kind="b")
            return both(f"({{}} {op} {{}})", a, b, kind="b")
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
