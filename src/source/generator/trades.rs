//! `ts, symbol, price, size, side`: a trade feed.
//!
//! Symbols follow a Zipf law (which of them is hot is drawn by the seed), rows are 0, 1 or 2 ms apart, each
//! symbol's price walks in whole cents within half and twice its first price. Two draws a row; row `n` is the
//! same however many rows are asked for.

use super::random::{Random, Zipf};
use super::write::RowWriter;

/// Greatest size of a trade.
const SIZE_MAX: u32 = 1000;

/// State of the trade feed.
#[derive(Debug)]
pub struct Trades {
    // Fixed at construction.
    zipf: Zipf,
    /// `,size,side\n` of each (size - 1, side), at most 8 bytes, and its length.
    tails: Vec<(u64, u8)>,
    disorder_ms: u64,
    // State.
    random: Random,
    symbols: Vec<Symbol>,
    clock_ms: i64,
}

#[derive(Clone, Debug)]
struct Symbol {
    name: [u8; 16],
    name_len: u8,
    cents: u32,
    cents_min: u32,
    cents_max: u32,
    /// Greatest step of the walk.
    step: u32,
}

/// What the draws say about one row.
struct Row {
    ts_ms: i64,
    symbol: usize,
    cents: u32,
    size: u32,
    sell: bool,
}

impl Trades {
    /// The feed of `seed` over `symbols` symbols.
    pub fn new(seed: u64, symbols: u32, start_ms: i64, disorder_ms: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            zipf: Zipf::new(symbols),
            tails: tails(),
            disorder_ms,
            symbols: draw_symbols(&mut random, symbols),
            random,
            clock_ms: start_ms,
        }
    }

    #[inline(always)]
    fn row(&mut self) -> Row {
        let (first, second) = (self.random.bits(), self.random.bits());
        let displacement = if self.disorder_ms == 0 {
            0
        } else {
            self.random.below(self.disorder_ms + 1) as i64
        };
        let ts_ms = self.clock_ms.wrapping_sub(displacement);
        self.clock_ms = self
            .clock_ms
            .wrapping_add((((second & 0xffff) * 3) >> 16) as i64);
        let index = self.zipf.rank(first) as usize;
        let symbol = &mut self.symbols[index];
        let step = ((second >> 33 & 0xffff) as u32 * (2 * symbol.step + 1)) >> 16;
        symbol.cents = (symbol.cents + step)
            .saturating_sub(symbol.step)
            .clamp(symbol.cents_min, symbol.cents_max);
        Row {
            ts_ms,
            symbol: index,
            cents: symbol.cents,
            size: 1 + (((second >> 16 & 0xffff) as u32 * SIZE_MAX) >> 16),
            sell: second >> 32 & 1 == 1,
        }
    }

    /// Writes the next row as CSV.
    #[inline(always)]
    pub fn csv(&mut self, out: &mut RowWriter<'_>) {
        let row = self.row();
        let symbol = &self.symbols[row.symbol];
        out.integer(row.ts_ms);
        out.text(b",");
        out.padded(&symbol.name, usize::from(symbol.name_len));
        out.text(b",");
        out.hundredths(row.cents);
        let tail = self.tails[(row.size as usize - 1) * 2 + usize::from(row.sell)];
        out.word(tail.0, usize::from(tail.1));
    }

    /// Writes the next row as a fixed-width record: time in nanoseconds, price in hundredths.
    #[inline(always)]
    pub fn binary(&mut self, out: &mut RowWriter<'_>) {
        let row = self.row();
        let symbol = &self.symbols[row.symbol];
        let ns = row.ts_ms.wrapping_mul(1_000_000);
        out.text(&ns.to_le_bytes());
        // The name is padded with NULs.
        out.padded(&symbol.name, 8);
        out.text(&i64::from(row.cents).to_le_bytes());
        out.text(&i64::from(row.size).to_le_bytes());
        out.text(if row.sell { b"S" } else { b"B" });
    }

    /// Writes the next row as a JSON line.
    #[inline(always)]
    pub fn json(&mut self, out: &mut RowWriter<'_>) {
        let row = self.row();
        let symbol = &self.symbols[row.symbol];
        out.text(b"{\"ts\":");
        out.integer(row.ts_ms);
        out.text(b",\"symbol\":\"");
        out.padded(&symbol.name, usize::from(symbol.name_len));
        out.text(b"\",\"price\":");
        out.hundredths(row.cents);
        out.text(b",\"size\":");
        out.small(row.size);
        out.text(if row.sell {
            b",\"side\":\"S\"}\n"
        } else {
            b",\"side\":\"B\"}\n"
        });
    }
}

fn tails() -> Vec<(u64, u8)> {
    let tail = |size: u32, side: char| {
        let text = format!(",{size},{side}\n");
        let mut word = [0; 8];
        word[..text.len()].copy_from_slice(text.as_bytes());
        (u64::from_le_bytes(word), text.len() as u8)
    };
    (1..=SIZE_MAX)
        .flat_map(|size| [tail(size, 'B'), tail(size, 'S')])
        .collect()
}

/// The symbols by rank: names in a drawn order, first prices spread over seven octaves from 5.00 on.
fn draw_symbols(random: &mut Random, symbols: u32) -> Vec<Symbol> {
    let mut numbers: Vec<u32> = (0..symbols).collect();
    for last in (1..numbers.len()).rev() {
        numbers.swap(last, random.below(last as u64 + 1) as usize);
    }
    numbers
        .into_iter()
        .map(|number| {
            let octave = 500u32 << random.below(7);
            let cents = octave + random.below(u64::from(octave)) as u32;
            let text = format!("SYM{number:04}");
            let mut name = [0; 16];
            name[..text.len()].copy_from_slice(text.as_bytes());
            Symbol {
                name,
                name_len: text.len() as u8,
                cents,
                cents_min: cents / 2,
                cents_max: cents * 2,
                step: (cents / 2000).max(1),
            }
        })
        .collect()
}
