//! Words of a row that change what is read for it, whatever its rule: medians, events at any visit, bounds.

use regraft_trial::pack::PackRow;
use regraft_trial::vocabulary::normal;
use serde::Serialize;

use super::map::{Stat, Window};

/// A printed number that is the end of what is meant, not the thing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// At least so much.
    Lower,
    /// At most so much.
    Upper,
}

impl Bound {
    /// Whether an interval reaches the side on which the thing itself lies.
    pub fn allows(self, value: f64, low: f64, high: f64) -> bool {
        match self {
            Bound::Lower => high >= value,
            Bound::Upper => low <= value,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Bound::Lower => {
                "the printed number is a lower bound: inside where the interval reaches it or lies above"
            }
            Bound::Upper => {
                "the printed number is an upper bound: inside where the interval reaches it or lies below"
            }
        }
    }
}

/// A median where the rule reads a mean and the words say median alone.
pub fn stat(stat: Stat, row: &PackRow) -> Stat {
    let said = normal(&format!("{} {}", row.outcome, row.definition));
    let median = said.contains(" median ") && !said.contains(" mean ");
    match stat {
        Stat::Mean | Stat::MeanChange if median => Stat::Median,
        other => other,
    }
}

/// Words by which an event may have come at any visit.
const EVER: [&str; 7] = [
    " ever ",
    " any time ",
    " any visit ",
    " at least once ",
    " before wk ",
    " before week ",
    " before month ",
];

/// Events at any visit where the rule looks at one visit and the words say that any counts.
pub fn window(window: Window, stat: Stat, row: &PackRow) -> Window {
    let said = normal(&format!("{} {}", row.outcome, row.definition));
    let ever = EVER.iter().any(|word| said.contains(word));
    if ever && window == Window::At && stat == Stat::Proportion { Window::Ever } else { window }
}

/// Whether the number is a bound: `lower bound of 2-3`, `>=80`, `upper bound`.
pub fn bound(row: &PackRow) -> Option<Bound> {
    let said = normal(&row.definition);
    if said.contains(" lower bound ") {
        return Some(Bound::Lower);
    }
    if said.contains(" upper bound ") {
        return Some(Bound::Upper);
    }
    [row.definition.as_str(), row.note.as_str()].iter().find_map(|text| by_sign(text))
}

/// A text that is a sign and a number and nothing else.
fn by_sign(text: &str) -> Option<Bound> {
    let text = text.trim();
    let sign = text.chars().next()?;
    let rest = text[sign.len_utf8()..].trim_start_matches('=').trim().trim_end_matches('%').trim();
    rest.parse::<f64>().ok()?;
    match sign {
        '>' | '≥' => Some(Bound::Lower),
        '<' | '≤' => Some(Bound::Upper),
        _ => None,
    }
}

/// The ends of an interval of per cents as a paper would print them: a published number is rounded to whole per cents
/// or to tenths, and 13 of 14 stands as 93 and as 92.9.
pub fn printed(low: f64, high: f64) -> (f64, f64) {
    let rounded = |value: f64| [value.round(), (10.0 * value).round() / 10.0];
    let least = rounded(low).into_iter().fold(low, f64::min);
    let most = rounded(high).into_iter().fold(high, f64::max);
    (least, most)
}

#[cfg(test)]
mod tests {
    use super::{Bound, by_sign, printed};

    #[test]
    fn bounds_are_a_sign_and_a_number() {
        assert_eq!(by_sign(">=80"), Some(Bound::Lower));
        assert_eq!(by_sign("> 40"), Some(Bound::Lower));
        assert_eq!(by_sign("<5 %"), Some(Bound::Upper));
        assert_eq!(by_sign("SLEDAI < 3"), None);
        assert_eq!(by_sign("p<0.05"), None);
        assert_eq!(by_sign(""), None);
        assert!(Bound::Lower.allows(80.0, 95.0, 100.0) && !Bound::Lower.allows(80.0, 40.0, 79.0));
        assert!(Bound::Upper.allows(80.0, 40.0, 75.0) && !Bound::Upper.allows(80.0, 81.0, 90.0));
    }

    #[test]
    fn ends_reach_what_a_paper_would_print() {
        let (low, high) = printed(100.0 * 7.0 / 14.0, 100.0 * 13.0 / 14.0);
        assert_eq!((low, high), (50.0, 93.0));
        assert_eq!(printed(98.817, 100.0), (98.8, 100.0));
        assert_eq!(printed(33.333, 66.667), (33.0, 67.0));
    }
}
