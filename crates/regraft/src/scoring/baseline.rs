//! What an arm says of its patients at entry: age, sex, scores.

use regraft_trial::distribution::DistributionSpec;
use regraft_trial::pack::PackArm;
use regraft_trial::population::Population;
use regraft_trial::vocabulary::{Table, Vocabulary, normal};

/// A number that an arm states of its patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// Trait or score by its name on the cards.
    pub name: String,
    /// Mean or median, if stated.
    pub middle: Option<f64>,
    /// Standard deviation, if stated.
    pub sd: Option<f64>,
    /// Range of entry, if stated.
    pub range: Option<(f64, f64)>,
}

/// What a text says: `EDSS 4.5 median (range 3-5.5)`, `35.3`, `CDAI 220-450 (entry)`, `8.4 (SD 4.0)`.
fn read_number(name: &str, text: &str, spread: &str) -> Option<Stated> {
    let all = format!("{text} {spread}");
    let numbers = numbers(text);
    let sd = after(&all, "sd").filter(|sd| *sd > 0.0);
    let range = range(text);
    let starts_with_range = range.is_some_and(|(low, _)| numbers.first() == Some(&low));
    let middle = if starts_with_range { None } else { numbers.first().copied() };
    (middle.is_some() || range.is_some()).then(|| Stated { name: name.to_string(), middle, sd, range })
}

/// The plain numbers of a text, in order; those that belong to a word (`DAS28`) are left out.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .filter_map(|word| word.trim_matches('.').parse::<f64>().ok())
        .filter(|value| value.is_finite())
        .collect()
}

/// The number behind a word.
fn after(text: &str, word: &str) -> Option<f64> {
    let plain = normal(text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let at = words.iter().position(|known| *known == word)?;
    words.get(at + 1)?.parse().ok()
}

/// Two numbers with a dash or `to` between them.
fn range(text: &str) -> Option<(f64, f64)> {
    let plain: String = text.replace(" to ", "-").replace('–', "-").split_whitespace().collect();
    let parts: Vec<&str> = plain.split('-').collect();
    parts.windows(2).find_map(|pair| {
        let low: String = pair[0].chars().rev().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let low: f64 = low.chars().rev().collect::<String>().parse().ok()?;
        let high: String = pair[1].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let high: f64 = high.parse().ok()?;
        (low < high).then_some((low, high))
    })
}

/// Everything that an arm states of its patients.
pub fn stated(vocabulary: &Vocabulary, arm: &PackArm) -> Vec<Stated> {
    let mut found = Vec::new();
    found.extend(read_number("age", arm.text("age"), arm.text("age_spread")));
    if let Some(share) = numbers(arm.text("female_pct")).first() {
        let middle = Some(if *share > 1.0 { share / 100.0 } else { *share });
        found.push(Stated { name: "female".to_string(), middle, sd: None, range: None });
    }
    let facts = arm.facts();
    for rule in vocabulary.matching(Table::Baseline, &facts) {
        let Some((name, value)) = rule.gives("trait").zip(rule.number("value")) else { continue };
        if found.iter().all(|one| one.name != name) {
            found.push(Stated { name: name.to_string(), middle: Some(value), sd: None, range: None });
        }
    }
    for part in arm.text("baseline").split([';', '/']) {
        let mut facts = arm.facts();
        facts.set("baseline", part);
        let own = vocabulary.matching(Table::Baseline, &facts).find(|rule| rule.gives("value").is_none());
        let Some(rule) = own else { continue };
        let Some(name) = rule.gives("trait").or(rule.gives("score")) else { continue };
        let factor = rule.number("factor").unwrap_or(1.0);
        let Some(mut one) = read_number(name, part, "") else { continue };
        one.middle = one.middle.map(|value| value * factor);
        one.sd = one.sd.map(|value| value * factor);
        one.range = one.range.map(|(low, high)| (low * factor, high * factor));
        found.push(one);
    }
    found
}

/// The stated numbers of several arms of one trial together: means weighted by size, ranges joined.
pub fn pooled(arms: &[(f64, Vec<Stated>)]) -> Vec<Stated> {
    let mut names: Vec<&str> = Vec::new();
    for one in arms.iter().flat_map(|(_, stated)| stated) {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    names.iter().map(|name| pool(name, arms)).collect()
}

fn pool(name: &str, arms: &[(f64, Vec<Stated>)]) -> Stated {
    let of_arm = |stated: &'_ Vec<Stated>| stated.iter().find(|one| one.name == name).cloned();
    let found: Vec<(f64, Stated)> =
        arms.iter().filter_map(|(n, stated)| Some((*n, of_arm(stated)?))).collect();
    let mean = |of: &dyn Fn(&Stated) -> Option<f64>| {
        let known: Vec<(f64, f64)> = found.iter().filter_map(|(n, one)| Some((*n, of(one)?))).collect();
        let weight: f64 = known.iter().map(|(n, _)| n).sum();
        (weight > 0.0).then(|| known.iter().map(|(n, value)| n * value).sum::<f64>() / weight)
    };
    let range = found.iter().filter_map(|(_, one)| one.range).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    Stated { name: name.to_string(), middle: mean(&|one| one.middle), sd: mean(&|one| one.sd), range }
}

/// Puts stated numbers into a population; gives what was put in, in words.
///
/// A trait takes the stated mean and spread; the limits of its distribution and the entry conditions that ask for it
/// alone make room. A range of a score that is no trait becomes an entry condition on the score's own quantity.
pub fn put_in(
    population: &mut Population,
    stated: &[Stated],
    score: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut told = Vec::new();
    for one in stated {
        let place = population.traits.iter().position(|own| own.name.text == one.name);
        match place {
            Some(place) => told.extend(into_trait(population, place, one)),
            None => told.extend(into_condition(population, one, score)),
        }
    }
    told
}

fn into_trait(population: &mut Population, place: usize, stated: &Stated) -> Option<String> {
    let own = &mut population.traits[place];
    let changed = changed(&own.distribution, stated)?;
    own.distribution = changed;
    let names: Vec<String> = [Some(own.name.text.clone()), own.sets.as_ref().map(|sets| sets.text.clone())]
        .into_iter()
        .flatten()
        .collect();
    let asks_alone = |when: &str| {
        let words = when.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let mut names_in = words.filter(|word| word.starts_with(|c: char| c.is_alphabetic())).peekable();
        names_in.peek().is_some() && names_in.all(|word| names.iter().any(|name| name == word))
    };
    population.eligible.retain(|one| !asks_alone(&one.when.text));
    let middle = stated.middle.map(|middle| format!(" {}", (middle * 1000.0).round() / 1000.0));
    Some(format!(
        "{}{}",
        stated.name.trim_start_matches("entry_").replace('_', " "),
        middle.unwrap_or_default()
    ))
}

/// The distribution with the stated middle and spread; `None` where nothing is stated that it can take.
fn changed(own: &DistributionSpec, stated: &Stated) -> Option<DistributionSpec> {
    let of = |key: &str| own.parameters.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
    let middle = stated.middle.or(stated.range.map(|(low, high)| 0.5 * (low + high)));
    match own.kind {
        "bernoulli" => {
            DistributionSpec::of("bernoulli", &[("probability", middle?.clamp(0.0, 1.0))], own.span)
        }
        "constant" => None,
        "lognormal" if of("median").is_some() => {
            let median = middle.filter(|middle| *middle > 0.0)?;
            let cv = stated.sd.map_or(of("cv")?, |sd| sd / median);
            let low = of("low").map_or(0.2 * median, |low| low.min(0.6 * median));
            let high = of("high").map_or(5.0 * median, |high| high.max(1.7 * median));
            DistributionSpec::of(
                "lognormal",
                &[("median", median), ("cv", cv), ("low", low), ("high", high)],
                own.span,
            )
        }
        "normal" | "uniform" | "triangular" => {
            let middle = middle?;
            let usual =
                of("sd").unwrap_or_else(|| 0.29 * (of("high").unwrap_or(0.0) - of("low").unwrap_or(0.0)));
            let by_range = stated.range.map(|(low, high)| 0.25 * (high - low));
            let sd = stated.sd.or(by_range).unwrap_or(usual).max(1e-3);
            let low = of("low").unwrap_or(middle - 3.0 * sd).min(middle - sd).max(if middle >= 0.0 {
                0.0
            } else {
                f64::MIN
            });
            let high = of("high").unwrap_or(middle + 3.0 * sd).max(middle + sd);
            let (low, high) =
                stated.range.map_or((low, high), |(from, to)| (from.max(0.0), to.max(from + 1e-3)));
            let cut = |mean: f64| {
                DistributionSpec::of(
                    "normal",
                    &[("mean", mean), ("sd", sd), ("low", low), ("high", high)],
                    own.span,
                )
            };
            with_mean(middle, sd, &cut)
        }
        _ => None,
    }
}

/// The cut normal distribution whose own mean is the stated one: the mean before the cut is found by halving.
fn with_mean(
    wanted: f64,
    sd: f64,
    cut: &dyn Fn(f64) -> Option<DistributionSpec>,
) -> Option<DistributionSpec> {
    const RANKS: usize = 64;
    let mean_of = |spec: &DistributionSpec| {
        let rank = |k: usize| (k as f64 + 0.5) / RANKS as f64;
        (0..RANKS).map(|k| spec.at_rank(rank(k))).sum::<f64>() / RANKS as f64
    };
    let (mut low, mut high) = (wanted - 2.0 * sd, wanted + 2.0 * sd);
    for _ in 0..30 {
        let middle = 0.5 * (low + high);
        if mean_of(&cut(middle)?) < wanted { low = middle } else { high = middle }
    }
    cut(0.5 * (low + high))
}

/// A range of entry becomes a condition on the score's quantity.
fn into_condition(
    population: &mut Population,
    stated: &Stated,
    score: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let (low, high) = stated.range.filter(|_| stated.middle.is_none())?;
    let quantity = score(&stated.name)?;
    let span = population.id.span;
    let name = |text: String| regraft_trial::Name { text, span };
    population.eligible.retain(|one| !one.when.text.contains(quantity.as_str()));
    population.eligible.push(regraft_trial::population::Eligibility {
        name: name(format!("{} {low} to {high}", stated.name)),
        when: name(format!("({quantity}) >= {low} && ({quantity}) <= {high}")),
        provenance: None,
    });
    Some(format!("{} {low} to {high}", stated.name))
}

#[cfg(test)]
mod tests;
