//! Words with a meaning: which cannot be names, which begin clauses that are not built, and which a typo meant.

/// Words that cannot be names unless quoted.
const RESERVED: &[&str] = &[
    "ALL",
    "ALTER",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CREATE",
    "CROSS",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DROP",
    "ELSE",
    "EXCEPT",
    "EXISTS",
    "EXPLAIN",
    "FOR",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "RIGHT",
    "SELECT",
    "THEN",
    "UNION",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Words that cannot be aliases without AS either: they begin a clause, ours or one that is not built.
const CLAUSE_WORDS: &[&str] = &[
    "ANTI",
    "ASOF",
    "CLUSTER",
    "CONNECT",
    "DISTRIBUTE",
    "EMIT",
    "END",
    "FETCH",
    "GLOBAL",
    "LATERAL",
    "MATCH_RECOGNIZE",
    "MINUS",
    "OFFSET",
    "PIVOT",
    "PREWHERE",
    "QUALIFY",
    "RETURNING",
    "SEMI",
    "SET",
    "SETTINGS",
    "SORT",
    "START",
    "TABLESAMPLE",
    "TIMEOUT",
    "UNPIVOT",
    "WINDOW",
    "WITHIN",
];

/// Whether `word` cannot be a name without quotes.
pub(super) fn reserved(word: &str) -> bool {
    listed(RESERVED, word)
}

/// Whether `word` cannot be an alias without AS.
pub(super) fn ends_alias(word: &str) -> bool {
    listed(RESERVED, word) || listed(CLAUSE_WORDS, word)
}

fn listed(words: &[&str], word: &str) -> bool {
    words.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// What a clause that this version does not have is called in an error, by its first word.
pub(super) fn unsupported_clause(word: &str) -> Option<(&'static str, Option<&'static str>)> {
    let joins = Some("read one table; aggregate each input in a query of its own");
    Some(match word.to_ascii_uppercase().as_str() {
        "JOIN" | "INNER" | "LEFT" | "RIGHT" | "FULL" | "OUTER" | "CROSS" | "NATURAL" | "ASOF"
        | "SEMI" | "ANTI" | "GLOBAL" => ("a JOIN is", joins),
        "LATERAL" => ("LATERAL is", None),
        "CLUSTER" => ("CLUSTER BY is", None),
        "DISTRIBUTE" => ("DISTRIBUTE BY is", None),
        "SORT" => ("SORT BY is", Some("use ORDER BY")),
        "CONNECT" | "START" => ("CONNECT BY is", None),
        "PREWHERE" => ("PREWHERE is", Some("use WHERE")),
        "FOR" => ("FOR is", None),
        "INTO" => ("SELECT INTO is", Some("use INSERT INTO table SELECT ..")),
        "TABLESAMPLE" => ("TABLESAMPLE is", None),
        "PIVOT" | "UNPIVOT" => ("PIVOT is", None),
        "MATCH_RECOGNIZE" => ("MATCH_RECOGNIZE is", None),
        "SETTINGS" => ("SETTINGS is", Some("use SET key = value")),
        "RETURNING" => ("RETURNING is", None),
        "TIMEOUT" => ("TIMEOUT is", None),
        "TOLERANCE" | "WITHIN" => ("a JOIN is", joins),
        _ => return None,
    })
}

/// The candidate that `word` probably meant: at most two letters away, one for short words.
pub(super) fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    // Longer than any keyword with its typos: not one, and the distance is quadratic in the length.
    if word.len() > 24 {
        return None;
    }
    let upper = word.to_ascii_uppercase();
    candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&upper, candidate), *candidate))
        .filter(|(distance, candidate)| {
            *distance > 0 && *distance <= 1 + usize::from(candidate.len() > 4)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Words that begin statements.
pub(super) const STATEMENTS: &[&str] = &[
    "SELECT", "INSERT", "CREATE", "WITH", "EXPLAIN", "DESCRIBE", "SHOW", "SET",
];

/// Words that begin clauses behind FROM.
pub(super) const CLAUSES: &[&str] = &[
    "WHERE",
    "GROUP",
    "HAVING",
    "QUALIFY",
    "WINDOW",
    "SAMPLE",
    "FILL",
    "EMIT",
    "LATE",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "FROM",
    "UNION",
    "EXCEPT",
    "INTERSECT",
];
