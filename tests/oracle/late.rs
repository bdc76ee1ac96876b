//! What queries say of late rows, and the tables that these go to.

/// Stands for the table of a query's late rows.
const TABLE: &str = "$late";

/// Clauses of a window whose sink need not hold corrections.
pub const OF_WINDOW: [&str; 5] = [
    " LATE DATA ALLOW 2s",
    " LATE DATA ALLOW 700ms",
    " LATE DATA DROP",
    " LATE DATA INTO $late",
    " LATE DATA ALLOW 300ms INTO $late",
];

/// Clauses of OVER with EMIT FINAL.
pub const OF_SORT: [&str; 4] = ["", "", " LATE DATA ALLOW 300ms", " LATE DATA INTO $late"];

/// Early results; the rows come some 40 ms apart.
pub const EARLY: [&str; 3] = [
    " EMIT FINAL EARLY EVERY 700ms",
    " EMIT FINAL EARLY EVERY 1s LATE DATA ALLOW 300ms",
    " EMIT FINAL EARLY EVERY 3s LATE DATA INTO $late",
];

/// Gives the table of the late rows of query number `index` its name, and the statement that declares it.
pub fn with_table(select: &str, index: u64) -> (String, String) {
    if !select.contains(TABLE) {
        return (String::new(), select.to_owned());
    }
    let name = format!("late{index}");
    let sink = format!(
        "CREATE SINK {name} WITH ('connector' = 'file', 'path' = '{name}.csv', 'format' = 'csv');\n"
    );
    (sink, select.replace(TABLE, &name))
}
