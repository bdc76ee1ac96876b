//! Frames, and calls of aggregates over them beside those that have a component in common.

use velo_tpc::sim::Random;

/// Expressions of the types that calls take.
pub struct Arguments {
    pub numbers: [String; 2],
    pub anything: [String; 2],
    pub condition: String,
    pub text: String,
}

/// An aggregate over these arguments.
pub fn aggregate(random: &mut Random, arguments: &Arguments) -> String {
    let mut pick = |items: &[&str]| items[random.below(items.len() as u64) as usize].to_owned();
    let [number, other] = &arguments.numbers;
    let [anything, by] = &arguments.anything;
    let share = pick(&["0", "0.1", "0.5", "0.99", "1"]);
    let name = pick(&[
        "STDDEV",
        "STDDEV_POP",
        "VARIANCE",
        "VAR_POP",
        "SKEWNESS",
        "KURTOSIS",
        "CORR",
        "COVAR_SAMP",
        "COVAR_POP",
        "REGR_SLOPE",
        "REGR_INTERCEPT",
        "REGR_R2",
        "IMBALANCE",
        "MEDIAN",
        "PERCENTILE_CONT",
        "PERCENTILE_DISC",
        "MODE",
        "STRING_AGG",
        "ARRAY_AGG",
        "APPROX_PERCENTILE",
        "APPROX_COUNT_DISTINCT",
        "DISTINCT",
        "DISTINCT",
        "ARG_MIN",
        "ARG_MAX",
        "BOOL_AND",
        "BOOL_OR",
    ]);
    match &name[..] {
        "CORR" | "COVAR_SAMP" | "COVAR_POP" | "REGR_SLOPE" | "REGR_INTERCEPT" | "REGR_R2"
        | "IMBALANCE" => format!("{name}({number}, {other})"),
        "DISTINCT" => distinct(random, arguments, &share),
        "PERCENTILE_CONT" | "PERCENTILE_DISC" | "APPROX_PERCENTILE" => {
            format!("{name}({number}, {share})")
        }
        "MODE" | "ARRAY_AGG" | "APPROX_COUNT_DISTINCT" => format!("{name}({anything})"),
        "STRING_AGG" => format!("STRING_AGG({}, '|')", arguments.text),
        "ARG_MIN" | "ARG_MAX" => format!("{name}({anything}, {by})"),
        "BOOL_AND" | "BOOL_OR" => format!("{name}({})", arguments.condition),
        _ => format!("{name}({number})"),
    }
}

/// An aggregate of the distinct values.
fn distinct(random: &mut Random, arguments: &Arguments, share: &str) -> String {
    let mut pick = |items: &[&str]| items[random.below(items.len() as u64) as usize].to_owned();
    let number = &arguments.numbers[0];
    let name = pick(&[
        "COUNT",
        "COUNT",
        "SUM",
        "AVG",
        "STDDEV_POP",
        "VARIANCE",
        "SKEWNESS",
        "MEDIAN",
        "PERCENTILE_DISC",
        "STRING_AGG",
        "ARRAY_AGG",
    ]);
    match &name[..] {
        "COUNT" | "ARRAY_AGG" => format!("{name}(DISTINCT {})", arguments.anything[0]),
        "STRING_AGG" => format!("STRING_AGG(DISTINCT {}, '|')", arguments.text),
        "PERCENTILE_DISC" => format!("{name}(DISTINCT {number}, {share})"),
        _ => format!("{name}(DISTINCT {number})"),
    }
}

/// What stands behind ORDER BY; frames by time only where there is one.
pub fn frame(random: &mut Random, has_time: bool) -> String {
    let by_time = has_time && random.one_in(3);
    let is_rare = !by_time && random.one_in(5);
    let is_ahead = !by_time && random.one_in(8);
    let mut pick = |items: &[&str]| items[random.below(items.len() as u64) as usize].to_owned();
    if by_time {
        return pick(&[
            "",
            " RANGE CURRENT ROW",
            " RANGE INTERVAL '2' SECOND PRECEDING",
            " RANGE BETWEEN 700ms PRECEDING AND 100ms PRECEDING",
            " RANGE BETWEEN UNBOUNDED PRECEDING AND 1s PRECEDING",
        ]);
    }
    if is_rare {
        return pick(&[
            " ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING",
            " ROWS BETWEEN 30 PRECEDING AND 1 PRECEDING",
            " ROWS BETWEEN 3 PRECEDING AND 3 PRECEDING",
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 4 PRECEDING",
            " ROWS UNBOUNDED PRECEDING",
        ]);
    }
    if is_ahead {
        return pick(&[
            " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
            " ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING",
            " ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING",
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING",
        ]);
    }
    let preceding = pick(&["0", "1", "4", "30"]);
    format!(" ROWS BETWEEN {preceding} PRECEDING AND CURRENT ROW")
}
