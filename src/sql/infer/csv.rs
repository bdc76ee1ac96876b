//! Inference of CSV: delimiter, header, types.

use super::Inferred;
use super::csv_text::{HeadField, records};
use super::guess::{Guess, schema, time_column, type_of};
use crate::limits::COLUMNS_MAX;
use crate::plan::{CsvFormat, FormatPlan, TimestampFormat};
use crate::types::DataType;

const QUOTE: u8 = b'"';

/// Infers the table in `text`; unless `whole`, its last record may be cut off.
pub fn infer(text: &[u8], whole: bool) -> Result<Inferred, String> {
    let delimiter = delimiter(text);
    let mut rows: Vec<Vec<HeadField>> = records(text, delimiter, QUOTE).collect();
    if !whole && rows.len() > 1 {
        rows.pop();
    } else if !whole {
        return Err("its first record is longer than what inference reads".into());
    }
    let width = rows[0].len();
    if width > COLUMNS_MAX {
        return Err(format!(
            "it has {width} columns, at most {COLUMNS_MAX} are read"
        ));
    }
    let mut guesses = vec![Guess::default(); width];
    for row in rows.iter().skip(1).filter(|row| row.len() == width) {
        take_row(&mut guesses, row);
    }
    let header = is_header(&rows, &guesses);
    if !header {
        take_row(&mut guesses, &rows[0]);
    }
    let names: Vec<String> = if header {
        named(&rows[0])
    } else {
        (1..=width).map(|number| format!("c{number}")).collect()
    };
    let time = time_column(&names, &guesses);
    let format = time
        .as_ref()
        .map_or(TimestampFormat::Iso, |time| time.format.clone());
    let schema = schema(&names, &guesses, time.as_ref());
    let reason = format!(
        "{}, {}",
        if header {
            "header found"
        } else {
            "no header: columns are c1, c2, .."
        },
        time.as_ref()
            .map_or("no time column found", |time| time.reason.as_str())
    );
    Ok(Inferred {
        schema,
        format: FormatPlan::Csv(CsvFormat {
            delimiter,
            quote: QUOTE,
            header,
            null_text: None,
            fields: (0..width as u16).collect(),
            field_count: width as u16,
            timestamp: format,
        }),
        time: time.map(|time| time.at),
        reason,
    })
}

fn take_row(guesses: &mut [Guess], row: &[HeadField]) {
    for (guess, field) in guesses.iter_mut().zip(row) {
        if field.text.is_empty() && !field.quoted {
            guess.null();
        } else {
            guess.text(&field.text);
        }
    }
}

/// The delimiter that divides the first records into the same number of fields, the most of them.
fn delimiter(text: &[u8]) -> u8 {
    const RECORDS_LOOKED_AT: usize = 20;
    let mut best = (1, b',');
    for candidate in *b",;\t|" {
        let mut widths = records(text, candidate, QUOTE)
            .take(RECORDS_LOOKED_AT)
            .map(|record| record.len());
        let Some(first) = widths.next() else {
            continue;
        };
        let rest: Vec<usize> = widths.collect();
        // The last record looked at may be cut off by the end of the head.
        let compared = rest.len().saturating_sub(1);
        if first > best.0 && rest[..compared].iter().all(|&width| width == first) {
            best = (first, candidate);
        }
    }
    best.1
}

/// Whether the first record names the columns: its fields are names, and it does not fit the types below
/// it (or there is nothing below to tell).
fn is_header(rows: &[Vec<HeadField>], below: &[Guess]) -> bool {
    let first = &rows[0];
    let mut names: Vec<&str> = first.iter().map(|field| field.text.trim()).collect();
    let all_names = names
        .iter()
        .all(|name| !name.is_empty() && type_of(name) == DataType::Varchar && name.len() <= 128);
    names.sort_unstable();
    let distinct = names.windows(2).all(|pair| pair[0] != pair[1]);
    if !all_names || !distinct {
        return false;
    }
    let typed_below = below
        .iter()
        .any(|guess| guess.ty.is_some_and(|ty| ty != DataType::Varchar));
    let like_names = first.iter().all(|field| {
        let text = field.text.trim();
        let letter = |c: char| c.is_alphabetic() || c == '_';
        text.starts_with(letter)
            && text
                .chars()
                .all(|c| letter(c) || c.is_numeric() || " .-".contains(c))
    });
    typed_below || like_names
}

fn named(header: &[HeadField]) -> Vec<String> {
    header
        .iter()
        .map(|field| field.text.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> String {
        let inferred = infer(text.as_bytes(), true).expect("a table");
        let shown: Vec<String> = inferred
            .schema
            .fields
            .iter()
            .map(|field| format!("{} {}", field.name, field.ty))
            .collect();
        shown.join(", ")
    }

    #[test]
    fn trades_with_a_header() {
        let text = "ts,symbol,price,size,side\n1735689600000,A,1.5,10,B\n1735689600001,B,2,20,\n";
        assert_eq!(
            columns(text),
            "ts TIMESTAMP, symbol VARCHAR, price DOUBLE, size BIGINT, side VARCHAR"
        );
        let inferred = infer(text.as_bytes(), true).expect("a table");
        assert_eq!(inferred.time, Some(0));
        assert!(
            inferred.reason.contains("epoch milliseconds"),
            "{}",
            inferred.reason
        );
    }

    #[test]
    fn headerless_columns_are_numbered() {
        assert_eq!(
            columns("A,1,true\nB,2,false\n"),
            "c1 VARCHAR, c2 BIGINT, c3 BOOLEAN"
        );
        assert_eq!(columns("1\n"), "c1 BIGINT");
    }

    #[test]
    fn other_delimiters_and_quotes() {
        assert_eq!(columns("a;b\n1;\"x;y\"\n2;z\n"), "a BIGINT, b VARCHAR");
        assert_eq!(
            columns("a\tb\n1\t2013-10-08\n2\t2013-10-09\n"),
            "a BIGINT, b DATE"
        );
    }

    #[test]
    fn a_cut_record_is_left_out() {
        let inferred = infer(b"a,b\n1,2\n3,x", false).expect("a table");
        assert_eq!(inferred.schema.fields[1].ty, DataType::BigInt);
        assert!(infer(b"a,b", false).is_err());
    }

    #[test]
    fn hostile_heads_do_not_panic() {
        for text in [
            "\"",
            "\"\n\"\"\"",
            ",,,\n,",
            "\u{0}\u{1}\n",
            "a,a\n1,2\n",
            "é,ü\n1,2\n",
        ] {
            let _ = infer(text.as_bytes(), true);
            let _ = infer(text.as_bytes(), false);
        }
    }
}
