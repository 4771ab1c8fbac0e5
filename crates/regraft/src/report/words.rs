//! Numbers and times in words: one way to write each, everywhere on the page.

/// A true minus sign.
const MINUS: char = '\u{2212}';
/// No-break space between a number and its unit.
const NBSP: char = '\u{a0}';
/// Written where a number is missing.
pub const MISSING: &str = "not estimated";
/// Mean length of a month, days.
pub const MONTH_DAYS: f64 = 30.4375;
/// Mean length of a year, days.
pub const YEAR_DAYS: f64 = 365.25;

/// The number if it is one; data that hold NaN or infinity are treated as absent.
pub fn real(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// A pair of ends, if both are numbers.
pub fn ends(low: Option<f64>, high: Option<f64>) -> Option<(f64, f64)> {
    Some((real(low)?, real(high)?))
}

/// `value` with `decimals` digits after the point, commas between thousands, a true minus sign.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let digits = format!("{:.*}", decimals, value.abs());
    let negative = value < 0.0 && digits.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0');
    let grouped = group_thousands(&digits);
    if negative { format!("{MINUS}{grouped}") } else { grouped }
}

fn group_thousands(digits: &str) -> String {
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::with_capacity(digits.len() + whole / 3);
    for (place, digit) in digits.chars().enumerate() {
        if 0 < place && place < whole && (whole - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As [`fixed`], with a plus sign for positive values.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if value.is_finite() && 0.0 < value && text.chars().any(|digit| ('1'..='9').contains(&digit)) {
        format!("+{text}")
    } else {
        text
    }
}

/// A number of things, with commas between thousands.
pub fn count(number: usize) -> String {
    group_thousands(&number.to_string())
}

/// Decimals for a value and its interval: the estimate decides, the ends follow.
///
/// Percent: one below 10, none above. Ratios, scores and rates two. Cells none. Days as the grid
/// gives them.
pub fn decimals(unit: &str, estimate: f64) -> usize {
    let size = estimate.abs();
    match unit {
        "percent" => usize::from((size * 10.0).round() < 100.0),
        "days" | "months" => usize::from(size < 100.0 && 0.04 < (size - size.round()).abs()),
        "cells/µL" | "/µL" | "count" => 0,
        _ if is_ratio(unit) || is_score(unit) => 2,
        _ if 100.0 <= size => 0,
        _ if 10.0 <= size => 1,
        _ => 2,
    }
}

/// Whether a unit is read by ratio (drawn on a log scale).
pub fn is_ratio(unit: &str) -> bool {
    unit == "ratio" || unit.ends_with("_ratio")
}

/// Whether a unit is the name of a scale (`EDSS`, `SLEDAI`), which the title says already.
fn is_acronym(unit: &str) -> bool {
    unit.len() > 1 && unit.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
}

fn is_score(unit: &str) -> bool {
    is_acronym(unit) || matches!(unit, "per_year" | "score" | "points")
}

/// What follows the number: `" %"`, `" days"`, nothing for ratios and scores.
pub fn unit_suffix(unit: &str, difference: bool) -> String {
    match unit {
        "percent" if difference => format!("{NBSP}points"),
        "percent" => format!("{NBSP}%"),
        "" | "score" => String::new(),
        _ if is_acronym(unit) => String::new(),
        "per_year" => format!("{NBSP}per year"),
        _ if is_ratio(unit) => String::new(),
        _ => format!("{NBSP}{}", printed_units(&unit.replace('_', " "))),
    }
}

/// "60 to 77".
pub fn interval(low: f64, high: f64, decimals: usize) -> String {
    format!("{} to {}", fixed(low, decimals), fixed(high, decimals))
}

/// A printed value as it was printed: up to two decimals, no padding.
pub fn as_printed(value: f64) -> String {
    let decimals = (0..2).find(|&places| near_at(value, places)).unwrap_or(2);
    fixed(value, decimals)
}

fn near_at(value: f64, decimals: usize) -> bool {
    let scale = [1.0, 10.0, 100.0][decimals.min(2)];
    ((value * scale).round() - value * scale).abs() < 1e-6
}

/// A percentage for people, "23 %".
pub fn percent(value: f64) -> String {
    format!("{}{NBSP}%", per_hundred(value))
}

/// Patients of 100: one decimal below 10, none above, and a plain 0 for none at all.
pub fn per_hundred(value: f64) -> String {
    fixed(value, if value == 0.0 { 0 } else { decimals("percent", value) })
}

/// A level as "95 %".
pub fn level(level: f64) -> String {
    format!("{}{NBSP}%", as_printed(level * 100.0))
}

/// A time after time zero: "day 30", "6 months", "5 years".
pub fn time(days: f64) -> String {
    if let Some(years) = whole(days, YEAR_DAYS, 0.012).filter(|&years| 2.0 <= years) {
        return format!("{years:.0} years");
    }
    if let Some(months) = whole(days, MONTH_DAYS, 0.1).filter(|&months| 2.0 <= months && 60.0 <= days) {
        return format!("{months:.0} months");
    }
    format!("day {}", fixed(days, usize::from(0.05 < days.fract().abs())))
}

/// A span of time: "30 days", "6 months", "2 years", "5.5 years".
pub fn span(days: f64) -> String {
    if 1.9 * YEAR_DAYS <= days {
        return format!(
            "{} years",
            fixed(
                days / YEAR_DAYS,
                usize::from(0.05 < (days / YEAR_DAYS - (days / YEAR_DAYS).round()).abs())
            )
        );
    }
    if 60.0 <= days { format!("{:.0} months", days / MONTH_DAYS) } else { format!("{days:.0} days") }
}

/// The follow-up of a trial: a whole number of years if it is close to one, else as [`time`].
pub fn follow_up(days: f64) -> String {
    let years = (days / YEAR_DAYS).floor();
    let over = days - years * YEAR_DAYS;
    if 2.0 <= years && over <= 0.2 * YEAR_DAYS { format!("{years:.0} years") } else { span(days) }
}

/// Whether a title already says at what time it looks ("Death by day 100").
pub fn states_time(title: &str) -> bool {
    const UNITS: [&str; 8] = ["day", "days", "week", "weeks", "month", "months", "year", "years"];
    let words: Vec<&str> = title.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word == "a" || word.chars().next().is_some_and(|first| first.is_ascii_digit());
    words.windows(2).any(|pair| {
        (UNITS.contains(&pair[0]) && number(pair[1])) || (number(pair[0]) && UNITS.contains(&pair[1]))
    })
}

/// The first sentence of a text.
pub fn first_sentence(text: &str) -> String {
    let end = text.find(". ").map_or(text.len(), |place| place + 1);
    sentence(&text[..end])
}

/// How many whole units `days` are, if they are close to that (at most 3 days off).
fn whole(days: f64, unit: f64, tolerance: f64) -> Option<f64> {
    let number = (days / unit).round();
    let off = (days - number * unit).abs();
    (1.0 <= number && off <= (tolerance * unit).clamp(2.0, 3.0)).then_some(number)
}

/// A time as short as an axis needs it: "7 d", "6 mo", "2 y".
pub fn short_time(days: f64) -> String {
    let text = time(days);
    let text = text.strip_prefix("day ").map(|day| format!("{day} d")).unwrap_or(text);
    text.replace(" months", " mo").replace(" years", " y").replace("12 mo", "1 y")
}

/// "a, b and c".
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// Units as they are printed: µ for u, raised exponents, counts of cells in words.
pub fn printed_units(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let word = word.replace("/uL", "/µL").replace("/m2", "/m²");
        let word = word.replace("Mcell", "million cells").replace("Gcell", "billion cells");
        if word.starts_with("ug/") || word == "ug" || word == "uL" {
            word.replacen('u', "µ", 1)
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Small numbers as words, larger ones as figures.
pub fn number_word(number: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| count(number), |&word| word.to_owned())
}

/// The text with a capital at its start.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text as it stands within a sentence: a first word in plain case loses its capital,
/// abbreviations (`EDSS`, `NEDA-3`, `G-CSF`) keep theirs.
pub fn inner(text: &str) -> String {
    if let Some(rest) = text.strip_prefix("A ").filter(|rest| rest.starts_with(|c: char| c.is_lowercase())) {
        return format!("a {rest}");
    }
    let word = text.split([' ', ',', '.']).next().unwrap_or("");
    let is_letter = word.chars().nth(1) == Some('-');
    let plain =
        !is_letter && 1 < word.chars().count() && word.chars().skip(1).all(|c| c.is_lowercase() || c == '-');
    if !plain {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The text with a full stop at its end.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '?', '!', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// "1 patient", "2 patients".
pub fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}
