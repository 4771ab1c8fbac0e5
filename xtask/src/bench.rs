//! Measurements: `cargo xtask bench peers | goals | count`.
//!
//! Times are ratios between programs on one machine in one run; absolute times are shown, never judged.

mod count;
mod engine;
mod goals;
mod page;
mod peers;

use anyhow::{Context, Result, bail};

/// Runs one of the measurements.
pub fn run(words: &[String]) -> Result<()> {
    let options = Options(words);
    match words.first().map(String::as_str) {
        Some("peers") => peers::run(&options),
        Some("goals") => goals::run(&options),
        Some("count") => count::run(&options),
        _ => bail!("usage: cargo xtask bench peers | goals | count"),
    }
}

/// The words after `bench`.
pub struct Options<'a>(&'a [String]);

impl Options<'_> {
    /// Whether a word was given.
    fn has(&self, word: &str) -> bool {
        self.0.iter().any(|other| other == word)
    }

    /// The word after `key`, if it was given.
    fn text(&self, key: &str) -> Option<&str> {
        let at = self.0.iter().position(|other| other == key)?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// The number after `key`, or `otherwise`.
    fn number(&self, key: &str, otherwise: usize) -> Result<usize> {
        let Some(text) = self.text(key) else { return Ok(otherwise) };
        text.parse().with_context(|| format!("`{key} {text}` is not a number"))
    }
}

/// The middle of some numbers; the mean of the two in the middle of an even number of them. `None` of none.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[half]),
        _ => Some(f64::midpoint(sorted[half - 1], sorted[half])),
    }
}
