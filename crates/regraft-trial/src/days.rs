//! Days that repeat, and numbers in words: what reading and planning share.

/// `from`, `from + every`, … up to and with `to`.
///
/// # Errors
/// What is wrong, if these are more than [`MOST_REPEATS`].
pub(crate) fn repeated(from: f64, to: f64, every: f64) -> Result<Vec<f64>, String> {
    let last = ((to - from) / every + REPEAT_SLACK).floor();
    if last >= MOST_REPEATS {
        let [moments, every, from, to] = [last + 1.0, every, from, to].map(number_words);
        let most = number_words(MOST_REPEATS);
        return Err(format!(
            "every {every} days from day {from} to {to} is {moments} times, at most {most} are possible"
        ));
    }
    // The cast holds: 0 ≤ last < MOST_REPEATS; a negative `last` (nothing between) gives an empty range.
    let count = if last < 0.0 { 0 } else { last as u32 + 1 };
    Ok((0..count).map(|index| from + every * f64::from(index)).collect())
}

/// Rounding of `(to - from) / every` must not lose the last day.
const REPEAT_SLACK: f64 = 1e-9;

/// Most moments of one list. Chosen: daily for 27 years; a slip of the pen beyond it would run for hours.
const MOST_REPEATS: f64 = 10_000.0;

/// A number for people: very large and very small ones with an exponent.
pub(crate) fn number_words(number: f64) -> String {
    let plain = number == 0.0 || (1e-4..1e9).contains(&number.abs());
    if plain { number.to_string() } else { format!("{number:e}") }
}
