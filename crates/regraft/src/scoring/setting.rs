//! When and where the arms of a trial were transplanted: the calendar year and the experience of the centers.
//!
//! Death by treatment falls with the years and with experience (`patient_module`); what an arm says of both is put
//! into its population.

use regraft_trial::distribution::DistributionSpec;
use regraft_trial::name::Name;
use regraft_trial::pack::PackArm;
use regraft_trial::population::{Population, Trait};
use regraft_trial::quantity::Provenance;
use regraft_trial::vocabulary::{Facts, Table, Vocabulary};

/// When and where an arm was transplanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Calendar year of the transplants, if it can be read.
    pub year: Option<f64>,
    /// Death by treatment relative to that in centers of much experience.
    pub center_factor: f64,
}

/// What the rules of the vocabulary read of an arm; `None` where none holds, as without a graft.
///
/// The year is the middle of the years that the design names, else that of the citation less `before` of the rule.
pub fn of_arm(vocabulary: &Vocabulary, facts: &Facts, arm: &PackArm) -> Option<Place> {
    let rule = vocabulary.best(Table::Setting, facts)?;
    let before = rule.number("before").unwrap_or(0.0);
    let center_factor = rule.number("center_factor").filter(|factor| *factor > 0.0).unwrap_or(1.0);
    let middle = || {
        let years = years(arm.text("design"));
        (years.len() == 2).then(|| 0.5 * (years[0] + years[1]))
    };
    let published = || years(arm.text("citation")).first().map(|year| year - before);
    Some(Place { year: middle().or_else(published), center_factor })
}

/// The calendar years of a text, in order.
fn years(text: &str) -> Vec<f64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|word| word.len() == 4)
        .filter_map(|word| word.parse().ok())
        .filter(|year| (1960.0..2060.0).contains(year))
        .collect()
}

/// Puts a place into a population, in place of its own; gives what was put in, in words.
pub fn put_in(population: &mut Population, place: Place) -> Option<String> {
    if let Some(year) = place.year {
        fix(population, "transplant_year", "year", year);
    }
    fix(population, "center_factor", "", place.center_factor);
    let year = place.year.map(|year| format!("transplanted about {year:.0}"));
    let centers = (place.center_factor > 1.0).then(|| "centers of mixed experience".to_string());
    let words: Vec<String> = year.into_iter().chain(centers).collect();
    (!words.is_empty()).then(|| words.join(" in "))
}

/// Gives all patients the same value of a quantity.
fn fix(population: &mut Population, quantity: &str, unit: &str, value: f64) {
    let span = population.id.span;
    let Some(distribution) = DistributionSpec::of("constant", &[("value", value)], span) else { return };
    let name = Name { text: quantity.to_string(), span };
    let why = Some("read by the rules of the vocabulary".to_string());
    let sets = |one: &Trait| one.sets.as_ref().is_some_and(|sets| sets.text == quantity);
    population.traits.retain(|one| !sets(one));
    population.traits.push(Trait {
        name: name.clone(),
        title: None,
        sets: Some(name),
        unit: unit.to_string(),
        distribution,
        provenance: Provenance { source: "assumed".to_string(), why, span },
        span,
    });
}

#[cfg(test)]
mod tests {
    use super::years;

    #[test]
    fn years_of_a_text() {
        assert_eq!(years("Jayne D et al. Lupus 2004;13:168-176"), vec![2004.0]);
        assert_eq!(years("single-centre cohort (Northwestern, 2003-2019)"), vec![2003.0, 2019.0]);
        assert_eq!(years("Nash RA et al. Blood 2007;110:1388-96"), vec![2007.0]);
        assert_eq!(years("EBMT/EULAR registry, 23 centres"), Vec::<f64>::new());
    }
}
