//! Guessing types from text, and the time column from names and magnitudes.

use crate::plan::TimestampFormat;
use crate::types::{DataType, Field, Schema};

/// What the values of a column have had in common so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// The type that holds all of them; `None` before the first.
    pub ty: Option<DataType>,
    /// Whether NULL occurred.
    pub nulls: bool,
    /// Range of the integers.
    pub range: Option<(i64, i64)>,
}

impl Guess {
    /// Takes in a value's text.
    pub fn text(&mut self, text: &str) {
        let ty = type_of(text);
        if ty == DataType::BigInt
            && let Ok(value) = text.parse::<i64>()
        {
            self.integer(value);
        }
        self.merge(ty);
    }

    /// Takes in a NULL.
    pub fn null(&mut self) {
        self.nulls = true;
    }

    /// Notes an integer's magnitude.
    pub fn integer(&mut self, value: i64) {
        let (least, most) = self.range.unwrap_or((value, value));
        self.range = Some((least.min(value), most.max(value)));
    }

    /// Takes in a value of type `ty`.
    pub fn merge(&mut self, ty: DataType) {
        use DataType::{BigInt, Date, Double, Timestamp, Varchar};
        self.ty = Some(match (self.ty, ty) {
            (None, ty) => ty,
            (Some(before), ty) if before == ty => ty,
            (Some(BigInt), Double) | (Some(Double), BigInt) => Double,
            (Some(Date), Timestamp) | (Some(Timestamp), Date) => Timestamp,
            _ => Varchar,
        });
    }

    /// The type chosen: VARCHAR if there was no value.
    pub fn chosen(&self) -> DataType {
        self.ty.unwrap_or(DataType::Varchar)
    }
}

/// The narrowest type that the text is a value of.
pub fn type_of(text: &str) -> DataType {
    let bytes = text.as_bytes();
    let number = bytes
        .first()
        .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.'));
    if number {
        if text.parse::<i64>().is_ok() {
            return DataType::BigInt;
        }
        if text.parse::<f64>().is_ok() {
            return DataType::Double;
        }
        if crate::civil::parse_date(bytes).is_ok() {
            return DataType::Date;
        }
        if crate::civil::parse_timestamp(bytes, &TimestampFormat::Iso).is_ok() {
            return DataType::Timestamp;
        }
    }
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return DataType::Boolean;
    }
    DataType::Varchar
}

/// A time column and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeColumn {
    /// Which.
    pub at: usize,
    /// How it is written.
    pub format: TimestampFormat,
    /// Why it was chosen.
    pub reason: String,
}

/// The time column: the best-named one whose values can be times.
pub fn time_column(names: &[String], guesses: &[Guess]) -> Option<TimeColumn> {
    let mut best: Option<(u8, TimeColumn)> = None;
    for (at, (name, guess)) in names.iter().zip(guesses).enumerate() {
        let Some((format, kind)) = time_format(guess) else {
            continue;
        };
        // An ISO timestamp is a time whatever its name.
        let rank = match (name_rank(name), &format) {
            (Some(rank), _) => rank,
            (None, TimestampFormat::Iso) => u8::MAX,
            _ => continue,
        };
        if best.as_ref().is_none_or(|(known, _)| rank < *known) {
            let reason = format!("time column {name}: {kind}");
            best = Some((rank, TimeColumn { at, format, reason }));
        }
    }
    best.map(|(_, column)| column)
}

/// The columns, the time column a TIMESTAMP. One format reads all timestamps of a table: beside epoch
/// numbers, other timestamps stay text.
pub fn schema(names: &[String], guesses: &[Guess], time: Option<&TimeColumn>) -> Schema {
    let only_epoch = time.is_some_and(|time| time.format != TimestampFormat::Iso);
    let ty = |at: usize, guess: &Guess| match guess.chosen() {
        _ if time.is_some_and(|time| time.at == at) => DataType::Timestamp,
        DataType::Timestamp if only_epoch => DataType::Varchar,
        ty => ty,
    };
    Schema {
        fields: names
            .iter()
            .zip(guesses)
            .enumerate()
            .map(|(at, (name, guess))| Field {
                name: name.clone(),
                ty: ty(at, guess),
                nullable: true,
            })
            .collect(),
    }
}

fn time_format(guess: &Guess) -> Option<(TimestampFormat, &'static str)> {
    match (guess.ty?, guess.range) {
        (DataType::Timestamp, _) => Some((TimestampFormat::Iso, "ISO 8601")),
        (DataType::BigInt, Some((least, most))) => {
            // Each unit covers the years 1973 to 5138.
            let units = [
                (100_000_000, TimestampFormat::Seconds, "epoch seconds"),
                (
                    100_000_000_000,
                    TimestampFormat::Millis,
                    "epoch milliseconds",
                ),
                (
                    100_000_000_000_000,
                    TimestampFormat::Micros,
                    "epoch microseconds",
                ),
                (
                    100_000_000_000_000_000,
                    TimestampFormat::Nanos,
                    "epoch nanoseconds",
                ),
            ];
            units
                .into_iter()
                .find(|(from, _, _)| {
                    let below = i64::checked_mul(*from, 1000).unwrap_or(i64::MAX);
                    *from <= least && most < below
                })
                .map(|(_, format, kind)| (format, kind))
        }
        _ => None,
    }
}

/// How well a name says "event time": less is better.
fn name_rank(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    let exact = [
        "event_time",
        "ts",
        "timestamp",
        "ts_event",
        "time",
        "trade_time",
        "datetime",
        "date_time",
        "eventtime",
    ];
    if let Some(at) = exact.iter().position(|known| *known == name) {
        return Some(at as u8);
    }
    let like = name.starts_with("ts_")
        || name.starts_with("timestamp")
        || ["_time", "_ts", "_timestamp", "_at", "_ns", "_ms", "_us"]
            .iter()
            .any(|ending| name.ends_with(ending));
    like.then_some(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[&str]) -> Guess {
        let mut guess = Guess::default();
        for value in values {
            guess.text(value);
        }
        guess
    }

    #[test]
    fn epoch_units_are_told_by_magnitude() {
        let format = |value: &str| {
            time_column(&["ts".to_owned()], &[column(&[value])]).map(|column| column.format)
        };
        assert_eq!(format("1735689600"), Some(TimestampFormat::Seconds));
        assert_eq!(format("1735689600000"), Some(TimestampFormat::Millis));
        assert_eq!(format("1735689600000000"), Some(TimestampFormat::Micros));
        assert_eq!(format("1735689600000000000"), Some(TimestampFormat::Nanos));
        assert_eq!(format("17"), None);
    }

    #[test]
    fn names_decide_between_candidates() {
        let names = ["trade_id", "received_at", "ts"].map(str::to_owned);
        let times = column(&["1735689600000"]);
        let chosen = time_column(&names, &[times, times, times]).expect("a time column");
        assert_eq!(chosen.at, 2);
        assert_eq!(time_column(&["size".to_owned()], &[times]), None);
    }

    #[test]
    fn types_widen_to_what_holds_all() {
        assert_eq!(column(&["1", "2"]).chosen(), DataType::BigInt);
        assert_eq!(column(&["1", "2.5"]).chosen(), DataType::Double);
        assert_eq!(column(&["true", "FALSE"]).chosen(), DataType::Boolean);
        assert_eq!(column(&["1", "x"]).chosen(), DataType::Varchar);
        assert_eq!(column(&["2013-10-08"]).chosen(), DataType::Date);
        assert_eq!(
            column(&["2013-10-08", "2013-10-08 13:30:00"]).chosen(),
            DataType::Timestamp
        );
        assert_eq!(column(&["99999999999999999999"]).chosen(), DataType::Double);
        assert_eq!(column(&["infinity", "nan"]).chosen(), DataType::Varchar);
    }
}
