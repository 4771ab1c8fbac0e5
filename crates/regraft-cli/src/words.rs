//! Numbers, lists and lines for people.

pub use regraft::report::{count as thousands, fixed, signed};

/// Widest line of prose, characters.
pub const WIDTH: usize = 110;

/// Breaks a text into lines of at most `width` characters, at spaces.
pub fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_string());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// As [`wrap`], every line after the first behind `indent` spaces.
pub fn hang(text: &str, indent: usize, width: usize) -> String {
    wrap(text, width.saturating_sub(indent)).replace('\n', &format!("\n{}", " ".repeat(indent)))
}

/// `1 file`, `2 files`, `1,000 patients`.
pub fn count(n: usize, word: &str) -> String {
    format!("{} {word}{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// A name at the head of a row, `width` characters wide; a longer one has a line of its own.
pub fn name(text: &str, width: usize) -> String {
    if text.chars().count() < width {
        return format!("{text:<width$}");
    }
    format!("{text}\n{:<width$}", "")
}

/// Days and years, as in `day 28`, `2 y`.
pub fn time(days: f64) -> String {
    if days < 360.0 {
        return format!("day {}", short(days));
    }
    let years = format!("{:.1}", days / 365.25);
    format!("{} y", years.strip_suffix(".0").unwrap_or(&years))
}

/// Three significant digits, a true minus sign.
pub fn three_digits(value: f64) -> String {
    regraft::explore::digits(value).replace('-', "−")
}

/// At most four decimals, a true minus sign.
pub fn short(value: f64) -> String {
    let rounded = (value * 1e4).round() / 1e4;
    let shown = if rounded == 0.0 && value != 0.0 { format!("{value:e}") } else { format!("{rounded}") };
    shown.replace('-', "−")
}

/// Numbers in a row; an evenly spaced run of four or more as `1, 2 … 14`.
pub fn series(values: &[f64]) -> String {
    let mut parts = Vec::new();
    let mut from = 0;
    while from < values.len() {
        let length = even_run(&values[from..]);
        let run = &values[from..from + length];
        if length >= 4 {
            parts.push(format!("{}, {} … {}", short(run[0]), short(run[1]), short(run[length - 1])));
        } else {
            parts.extend(run.iter().map(|value| short(*value)));
        }
        from += length;
    }
    parts.join(", ")
}

/// Length of the evenly spaced run at the start; 1 where that is shorter than four.
fn even_run(values: &[f64]) -> usize {
    let Some(step) = values.get(1).map(|second| second - values[0]) else { return values.len() };
    let even = values.windows(2).take_while(|pair| (pair[1] - pair[0] - step).abs() < 1e-9).count() + 1;
    if even >= 4 { even } else { 1 }
}

#[cfg(test)]
mod tests;
