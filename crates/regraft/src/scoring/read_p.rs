//! Whether a published trial's own test rejected, as far as its rows say.

use regraft_trial::pack::PackRow;

/// Whether a row says that arms differ (`p < 0.05`, an interval without the null), or that they do not; `None` where it
/// says neither. A p-value against the arm's own start is none between arms.
pub fn verdict(row: &PackRow) -> Option<bool> {
    let unit = row.unit.to_lowercase();
    if unit.contains("indicator") && row.outcome.contains("detected") {
        return row.value.map(|value| value >= 0.5);
    }
    if unit.replace([' ', '-'], "_") == "p_value" {
        return row.value.map(|value| value < 0.05);
    }
    by_interval(row, &unit).or_else(|| p_of(&format!("{} {}", row.definition, row.note)))
}

/// Whether a row tells the end of a test and nothing else.
pub fn is_test(row: &PackRow) -> bool {
    let unit = row.unit.to_lowercase();
    unit.contains("indicator") && row.outcome.contains("detected")
        || unit.replace([' ', '-'], "_") == "p_value"
}

/// The row as it would ask for what was tested: by what is left of its name, then by its definition; the other way round
/// where the definition calls itself the primary endpoint, for then it is the definition that was tested.
pub fn asked(row: &PackRow) -> [PackRow; 2] {
    let name = row.outcome.replace("_difference", "").replace("_detected", "");
    let name = name.strip_suffix("_p").unwrap_or(&name).to_string();
    let of = |outcome: String| PackRow { outcome, unit: String::new(), value: None, ..row.clone() };
    let (name, definition) = (of(name), of(row.definition.clone()));
    let says_primary = row.definition.to_lowercase().contains("primary endpoint");
    if says_primary { [definition, name] } else { [name, definition] }
}

/// The interval of a ratio or of a difference holds its null, or not.
fn by_interval(row: &PackRow, unit: &str) -> Option<bool> {
    let level = row.ci_level.trim() == "95";
    let (low, high) = row.ci_low.zip(row.ci_high).filter(|_| level)?;
    let outcome = row.outcome.to_lowercase();
    let ratio = ["hazard", "rate_ratio", "relative_risk", "odds"].iter().any(|word| unit.contains(word));
    let difference = ["_diff", "_wmd", "difference"].iter().any(|word| outcome.contains(word));
    if ratio {
        return Some(!(low <= 1.0 && 1.0 <= high));
    }
    difference.then_some(!(low <= 0.0 && 0.0 <= high))
}

/// Whether the p-value of a text is below 0.05: `p=0.024`, `p < .001`, `P=.17`.
fn p_of(text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    if text.contains("baseline") || text.contains("across groups") || text.contains("within") {
        return None;
    }
    let letters: Vec<char> = text.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let word_starts = at == 0 || !letters[at - 1].is_alphanumeric();
        if *letter != 'p' || !word_starts {
            continue;
        }
        let rest: String = letters[at + 1..].iter().collect();
        let rest = rest.trim_start();
        let Some(sign) = rest.chars().next().filter(|sign| "<=>≤".contains(*sign)) else { continue };
        let rest = &rest[sign.len_utf8()..];
        let digits: String = rest
            .trim_start_matches(['=', ' '])
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let digits = digits.trim_end_matches('.');
        if let Some(p) = digits.parse::<f64>().ok().filter(|p| *p <= 1.0) {
            return match sign {
                '=' => Some(p < 0.05),
                '>' => (p >= 0.05).then_some(false),
                _ => (p <= 0.05).then_some(true),
            };
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use regraft_model::Sources;
    use regraft_trial::pack::Pack;

    use super::{asked, p_of};

    #[test]
    fn a_primary_endpoint_is_asked_for_by_its_definition() {
        let names = |definition: &str| {
            let mut sources = Sources::default();
            let arms =
                sources.add("arms.csv", "trial_id,arm_id,disease,therapy\nT,A,Crohn,aHSCT\n".to_string());
            let head = "trial_id,arm_id,outcome,definition,value,unit";
            let row = format!("T,A,remission_difference_detected,\"{definition}\",0,indicator (1=yes)");
            let rows = sources.add("outcomes.csv", format!("{head}\n{row}\n"));
            let (pack, problems) = Pack::read(&sources, arms, rows);
            assert!(problems.is_empty(), "{problems:?}");
            asked(&pack.rows[0]).map(|row| row.outcome)
        };
        let strict = "sustained remission, primary endpoint (0=not significant)";
        assert_eq!(names(strict), [strict, "remission"]);
        assert_eq!(names("at one year"), ["remission", "at one year"]);
    }

    #[test]
    fn p_values_of_remarks() {
        assert_eq!(p_of("53/107, p=0.024"), Some(true));
        assert_eq!(p_of("between-arm p<0.05"), Some(true));
        assert_eq!(p_of("P = .17; unit label"), Some(false));
        assert_eq!(p_of("p > 0.05"), Some(false));
        assert_eq!(p_of("p<0.2"), None);
        assert_eq!(p_of("p<.001 vs baseline"), None);
        assert_eq!(p_of("group=3; help=1"), None);
    }
}
