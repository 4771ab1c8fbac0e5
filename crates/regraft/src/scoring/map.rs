//! From the words of a pack to ids of the library: who the patients are, what they get, what is read in them.

use regraft_trial::pack::{PackArm, PackRow, days_of};
use regraft_trial::vocabulary::{Facts, Rule, Table, Vocabulary, normal};

use super::follow_up::FollowUp;
use super::setting::{self, Place};
use super::wording::{self, Bound};

/// An arm that can be simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedArm {
    /// Disease.
    pub disease: String,
    /// Population from which the cohort is drawn.
    pub population: String,
    /// Regimen.
    pub regimen: String,
    /// Product, where cells are given.
    pub product: Option<String>,
    /// What stands against what.
    pub role: Role,
    /// Days from randomisation to the regimen's day zero.
    pub wait_days: f64,
    /// Whether patients were allocated at random.
    pub is_randomised: bool,
    /// When and where they were transplanted, if they were.
    pub place: Option<Place>,
    /// Lines of the vocabulary that were used, with their grounds.
    pub rules: Vec<(usize, String)>,
    facts: Facts,
}

/// What stands against what: the later of two is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What is studied.
    Studied,
    /// Another treatment.
    Comparator,
    /// No treatment, or the usual one.
    Control,
}

/// How a row's number is formed of simulated patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// Share without the event; competing events are censored.
    KaplanMeier,
    /// One minus that.
    KaplanMeierComplement,
    /// Share with the event.
    CumulativeIncidence,
    /// Share of patients with the event by a day.
    Proportion,
    /// Mean of a score.
    Mean,
    /// Mean change of a score since entry.
    MeanChange,
    /// The same over the mean at entry, in per cent.
    PercentChange,
    /// Median of a score.
    Median,
    /// Events per year.
    AnnualRate,
    /// Median day of the event.
    MedianDay,
    /// Hazard ratio against the arm of comparison.
    HazardRatio,
    /// Ratio of rates likewise.
    RateRatio,
    /// Difference of means likewise.
    Difference,
}

const STATS: [(&str, Stat); 13] = [
    ("kaplan_meier", Stat::KaplanMeier),
    ("kaplan_meier_complement", Stat::KaplanMeierComplement),
    ("cumulative_incidence", Stat::CumulativeIncidence),
    ("proportion", Stat::Proportion),
    ("mean", Stat::Mean),
    ("mean_change", Stat::MeanChange),
    ("percent_change", Stat::PercentChange),
    ("median", Stat::Median),
    ("annual_rate", Stat::AnnualRate),
    ("median_day", Stat::MedianDay),
    ("hazard_ratio", Stat::HazardRatio),
    ("rate_ratio", Stat::RateRatio),
    ("difference", Stat::Difference),
];

impl Stat {
    /// The word of the vocabulary.
    pub fn word(self) -> &'static str {
        STATS.iter().find(|(_, stat)| *stat == self).map_or("", |(word, _)| word)
    }

    /// Whether it is a share of patients.
    pub fn is_share(self) -> bool {
        matches!(
            self,
            Stat::KaplanMeier | Stat::KaplanMeierComplement | Stat::CumulativeIncidence | Stat::Proportion
        )
    }

    /// Whether it compares two arms.
    pub fn compares(self) -> bool {
        matches!(self, Stat::HazardRatio | Stat::RateRatio | Stat::Difference)
    }
}

/// Which days of a card a row moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The event counts up to the row's day.
    By,
    /// The event counts at a visit on the row's day.
    At,
    /// Everything up to the row's day counts, whatever the card says.
    All,
    /// The event counts at any visit from two weeks on up to the row's day.
    Ever,
    /// The value a year before the row's day is the start.
    Slope,
    /// The card's own days.
    Fixed,
}

/// What is read in the patients of an arm for a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Endpoint card.
    pub endpoint: String,
    /// Endpoint whose share is taken off, if any.
    pub less: Option<String>,
    /// Endpoint whose event the patients of the row have had, if it counts not all.
    pub among: Option<Among>,
    /// Statistic.
    pub stat: Stat,
    /// Which days of the card the row moves.
    pub window: Window,
    /// Day of the endpoint's clock.
    pub day: f64,
    /// One minus the statistic.
    pub complement: bool,
    /// The row's unit: `factor · statistic + offset`.
    pub factor: f64,
    /// See `factor`.
    pub offset: f64,
    /// Patients of the row.
    pub n: usize,
    /// Whether the row or its arm says how many.
    pub n_is_known: bool,
    /// Days by which the source's clock starts later; taken off a median day.
    pub zero: f64,
    /// How long the patients of the arm were followed, where a late day needs it.
    pub follow_up: Option<FollowUp>,
    /// Whether the printed number is a bound.
    pub bound: Option<Bound>,
    /// The subgroup that the row names.
    pub subgroup: Subgroup,
    /// Whether it stands for the test of a trial alone, and not for a row with a number.
    pub only_test: bool,
    /// Line of the vocabulary.
    pub rule: usize,
}

impl Target {
    /// The same read in the arm that a row is compared with: its size and follow-up.
    pub fn of_versus(&self, row: &PackRow, versus: &PackArm) -> Target {
        let n = versus.n.unwrap_or(self.n as f64).max(1.0) as usize;
        let follow_up = row.day().and(FollowUp::read(versus.text("follow_up")));
        Target { n, follow_up, ..self.clone() }
    }
}

/// Patients of a row that are chosen by what happened to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    /// Endpoint card whose event they had.
    pub endpoint: String,
    /// At a visit on this day; by the card's own days where it is `None`.
    pub day: Option<f64>,
}

/// What a row says of a part of the patients that is simulated apart; nothing for all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subgroup {
    /// Another population.
    pub population: Option<String>,
    /// Another regimen of those who get cells.
    pub regimen: Option<String>,
    /// Another product likewise.
    pub product: Option<String>,
    /// Ages, in years.
    pub age: Option<(f64, f64)>,
}

impl Subgroup {
    /// What a rule gives.
    fn of(rule: &Rule, arm: &MappedArm) -> Subgroup {
        let text = |key: &str| rule.gives(key).map(str::to_string);
        let age = rule.gives("age").and_then(|text| text.split_once("to"));
        let age = age.and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
        Subgroup {
            population: text("population").filter(|own| *own != arm.population),
            regimen: text("regimen").filter(|own| *own != arm.regimen),
            product: text("product").filter(|own| Some(own) != arm.product.as_ref()),
            age,
        }
    }
}

/// Patients where nothing says how many. Chosen: the middle of published trials of drugs.
const USUAL_SIZE: f64 = 100.0;

/// Maps an arm.
///
/// # Errors
/// The reason in words.
pub fn map_arm(vocabulary: &Vocabulary, arm: &PackArm) -> Result<MappedArm, String> {
    let mut facts = arm.facts();
    let mut rules = Vec::new();
    let disease =
        given(&mut rules, vocabulary.best(Table::Disease, &facts), "disease").map_err(|reason| {
            reason.unwrap_or_else(|| format!("no rule knows the disease `{}`", arm.text("disease")))
        })?;
    facts.set("id", &disease);
    let rule = vocabulary.best(Table::Regimen, &facts);
    let regimen = given(&mut rules, rule, "regimen").map_err(|reason| {
        let words = [arm.text("therapy"), arm.text("regimen")].join(": ");
        reason.unwrap_or_else(|| format!("no rule knows the treatment `{words}` in this disease"))
    })?;
    let gives = |key: &str| rule.and_then(|rule| rule.gives(key));
    let cells = gives("cells").unwrap_or("none").to_string();
    let role = match gives("role") {
        Some("control") => Role::Control,
        Some("comparator") => Role::Comparator,
        _ => Role::Studied,
    };
    let wait_days = rule.and_then(|rule| rule.number("wait")).unwrap_or(0.0);
    facts.set("kind", &cells);
    let product =
        match cells.as_str() {
            "none" => None,
            _ => Some(given(&mut rules, vocabulary.best(Table::Product, &facts), "product").map_err(
                |reason| reason.unwrap_or_else(|| format!("no rule knows a product of `{cells}`")),
            )?),
        };
    let population = given(&mut rules, vocabulary.best(Table::Population, &facts), "population")
        .map_err(|reason| reason.unwrap_or_else(|| format!("no rule knows a population with `{disease}`")))?;
    let is_randomised = is_randomised(arm.text("design"));
    let place = setting::of_arm(vocabulary, &facts, arm);
    Ok(MappedArm {
        disease,
        population,
        regimen,
        product,
        role,
        wait_days,
        is_randomised,
        place,
        rules,
        facts,
    })
}

/// What a rule gives, remembered with its grounds; else why there is nothing, where the rule says so.
fn given(rules: &mut Vec<(usize, String)>, rule: Option<&Rule>, key: &str) -> Result<String, Option<String>> {
    let Some(rule) = rule else { return Err(None) };
    if let Some(reason) = rule.gives("skip") {
        return Err(Some(reason.to_string()));
    }
    rules.push((rule.line, rule.why.clone()));
    rule.gives(key).map(str::to_string).ok_or(None)
}

/// Whether the words of a design say that patients were allocated at random.
fn is_randomised(design: &str) -> bool {
    let plain = normal(design);
    let says = [" rct ", " randomi", " double blind ", " phase iii "].iter().any(|word| plain.contains(word));
    says && ![" non random", " nonrandom", " not random"].iter().any(|word| plain.contains(word))
}

/// Maps a row of an arm that is mapped.
///
/// # Errors
/// The reason in words.
pub fn map_row(
    vocabulary: &Vocabulary,
    arm: &MappedArm,
    pack_arm: &PackArm,
    row: &PackRow,
) -> Result<Target, String> {
    let mut facts = arm.facts.clone();
    row.add_to(&mut facts);
    let Some(rule) = vocabulary.best(Table::Endpoint, &facts) else {
        return Err(format!("no rule knows the outcome `{}` in this disease", row.outcome));
    };
    if let Some(reason) = rule.gives("skip") {
        return Err(reason.to_string());
    }
    let endpoint = rule.gives("endpoint").ok_or("the rule names no endpoint")?.to_string();
    let word = rule.gives("method").unwrap_or("proportion");
    let stat = STATS.iter().find(|(known, _)| *known == word).map(|(_, stat)| *stat);
    let stat = stat.ok_or_else(|| format!("the rule names no known method: `{word}`"))?;
    let window = match rule.gives("window") {
        Some("at") => Window::At,
        Some("all") => Window::All,
        Some("slope") => Window::Slope,
        Some("fixed") => Window::Fixed,
        Some("ever") => Window::Ever,
        _ => Window::By,
    };
    let window = wording::window(window, stat, row);
    let stat = wording::stat(stat, row);
    let day = day_of(rule, row, pack_arm, &arm.regimen, stat, window)?;
    let n = row.n.or(pack_arm.n).filter(|n| *n >= 1.0);
    let size = n.unwrap_or(USUAL_SIZE).round().min(1e6);
    let among =
        rule.gives("among").map(|id| Among { endpoint: id.to_string(), day: rule.number("among_day") });
    let years = if rule.gives("times") == Some("years") { day / 365.25 } else { 1.0 };
    let factor = rule.number("factor").unwrap_or(1.0) * years * scale(stat, row, size)?;
    Ok(Target {
        endpoint,
        less: rule.gives("less").map(str::to_string),
        among,
        stat,
        window,
        day,
        complement: rule.gives("complement") == Some("yes"),
        factor,
        offset: rule.number("offset").unwrap_or(0.0),
        n: size as usize,
        n_is_known: n.is_some(),
        zero: rule.number("zero").unwrap_or(0.0),
        follow_up: row.day().and(FollowUp::read(pack_arm.text("follow_up"))),
        bound: wording::bound(row),
        subgroup: Subgroup::of(rule, arm),
        only_test: false,
        rule: rule.line,
    })
}

/// Day of the endpoint's clock: the row's, else the arm's follow-up, else the rule's.
fn day_of(
    rule: &Rule,
    row: &PackRow,
    arm: &PackArm,
    regimen: &str,
    stat: Stat,
    window: Window,
) -> Result<f64, String> {
    if row.time_value.is_some() && row.day().is_none() {
        return Err(match row.time_unit.trim() {
            "" => "a time without a unit".to_string(),
            unit => format!("`{unit}` is no unit of time"),
        });
    }
    let usual = rule.number("day");
    let own = row.day().filter(|_| window != Window::Fixed && stat != Stat::MedianDay);
    let day = own
        .or_else(|| usual.filter(|_| window == Window::Fixed || stat == Stat::MedianDay))
        .or_else(|| follow_up_days(arm.text("follow_up")))
        .or(usual)
        .ok_or("neither the row nor its arm says when")?;
    let plus = match rule.gives("plus") {
        Some("course") => course_days(regimen),
        Some(text) => text.parse().unwrap_or(0.0),
        None => 0.0,
    };
    let day = rule.number("latest").map_or(day, |latest| day.min(latest)) + plus;
    if day > LATEST_DAY {
        return Err("it lies more than thirty years ahead".to_string());
    }
    if day <= 0.0 { Err("it lies before the start".to_string()) } else { Ok(day) }
}

/// Nobody is simulated for longer. Chosen: a lifetime of follow-up costs as much as all else together.
const LATEST_DAY: f64 = 30.0 * 365.25;

/// Length of a course of antithyroid drugs, by the regimen that stands for it.
fn course_days(regimen: &str) -> f64 {
    if regimen.contains("one_year") { 365.0 } else { 548.0 }
}

/// The first time that a text on follow-up states, in days: `median 2 y (IQR 1-4)`.
pub fn follow_up_days(text: &str) -> Option<f64> {
    let plain = normal(text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let number = |word: &&str| word.parse::<f64>().ok().filter(|value| *value > 0.0);
    let first = words.iter().position(|word| number(word).is_some())?;
    let unit = words[first..].iter().find_map(|word| days_of(word))?;
    Some(number(&words[first])? * unit)
}

/// From the unit of the statistic to the row's.
fn scale(stat: Stat, row: &PackRow, n: f64) -> Result<f64, String> {
    let unit = normal(&row.unit);
    let unit = unit.trim();
    let percent = row.unit.contains('%') || unit.starts_with("percent") || unit == "pct";
    if stat.is_share() {
        return match unit {
            _ if percent => Ok(100.0),
            "" => Ok(100.0),
            "fraction" | "proportion" | "probability" | "share" | "ratio" => Ok(1.0),
            "patients" | "n" | "count" | "events" | "cases" | "subjects" | "number" | "people"
                if row.n.is_some() =>
            {
                Ok(n)
            }
            _ if row.n.is_none() && ["patients", "count"].contains(&unit) => {
                Err("a number of patients without `n`".to_string())
            }
            _ => Err(format!("`{}` is no unit of a share", row.unit)),
        };
    }
    match stat {
        Stat::MedianDay => {
            let days = days_of(unit).ok_or_else(|| format!("`{}` is no unit of time", row.unit))?;
            Ok(1.0 / days)
        }
        Stat::AnnualRate if unit.contains("100") => Ok(100.0),
        Stat::AnnualRate if unit.contains("month") => Ok(1.0 / 12.0),
        Stat::HazardRatio | Stat::RateRatio if percent => Ok(100.0),
        _ => Ok(1.0),
    }
}

#[cfg(test)]
mod tests;
