//! Functions over bytes, one row at a time.

use super::function::text;
use crate::error::Reason;
use crate::plan::BytesFunction;
use crate::types::Value;

/// Calls `function` on values that are not NULL.
pub fn call(function: BytesFunction, args: &[Value]) -> Result<Value, Reason> {
    let bytes = args[0].as_bytes().expect("texts and bytes");
    if function == BytesFunction::Length {
        return Ok(Value::I64(bytes.len() as i64));
    }
    if function == BytesFunction::FromHex {
        let digits: Option<Vec<u32>> = text(&args[0]).chars().map(|c| c.to_digit(16)).collect();
        let digits = digits
            .filter(|digits| digits.len() % 2 == 0)
            .ok_or(Reason::Cast)?;
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| (pair[0] << 4 | pair[1]) as u8)
            .collect();
        return Ok(Value::of_bytes(&bytes));
    }
    // The greatest character of each set; the first 256 are those of ISO-8859-1.
    let greatest = match text(&args[1]).to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" => u32::MAX,
        "US-ASCII" | "ASCII" => 127,
        "ISO-8859-1" | "LATIN1" => 255,
        _ => return Err(Reason::Domain),
    };
    let fits = |numbers: &[u32]| numbers.iter().all(|&number| number <= greatest);
    if function == BytesFunction::Encode {
        let subject = text(&args[0]);
        let numbers: Vec<u32> = subject.chars().map(u32::from).collect();
        return match greatest {
            u32::MAX => Ok(Value::Text(subject)),
            _ if !fits(&numbers) => Err(Reason::Cast),
            _ => {
                let bytes: Vec<u8> = numbers.into_iter().map(|number| number as u8).collect();
                Ok(Value::of_bytes(&bytes))
            }
        };
    }
    let numbers: Vec<u32> = bytes.iter().copied().map(u32::from).collect();
    match (greatest, &args[0]) {
        (u32::MAX, Value::Text(text)) => Ok(Value::Text(text.clone())),
        (u32::MAX, _) => Err(Reason::Cast),
        _ if !fits(&numbers) => Err(Reason::Cast),
        _ => Ok(Value::Text(
            numbers.into_iter().filter_map(char::from_u32).collect(),
        )),
    }
}
