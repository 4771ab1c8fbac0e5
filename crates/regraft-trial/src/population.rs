//! A population: the recipe from which patients are drawn.

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::codes;
use crate::disease::Phase;
use crate::distribution::DistributionSpec;
use crate::duration::{DURATION, Duration};
use crate::name::Name;
use crate::quantity::{Provenance, Setting, refuse_twice};
use crate::reader::{Bound, Reader, read_text, with_nearest};

/// A population card.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// The disease these people have.
    pub disease: Name,
    /// A few words for the catalogue.
    pub summary: Option<String>,
    /// What is drawn per patient.
    pub traits: Vec<Trait>,
    /// Rank correlations between traits (Gaussian copula).
    pub correlations: Vec<Correlation>,
    /// Drugs that the model knows though no arm gives them: those of the time before entry.
    pub drugs: Vec<Name>,
    /// The time before entry, on the failing treatment.
    pub run_in: Option<Phase>,
    /// How long these people have been ill, where that is a reading.
    pub duration: Option<Duration>,
    /// What is set at entry.
    pub entry: Vec<Setting>,
    /// Entry conditions, in the order in which they are asked.
    pub eligible: Vec<Eligibility>,
    /// The trial is given up if more are screened per patient found.
    pub max_screened_per_patient: u32,
}

/// A quantity drawn per patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Trait {
    /// Identifier; also the name of its random stream.
    pub name: Name,
    /// Title for people, if it differs from the name.
    pub title: Option<String>,
    /// The model's quantity that it sets, if any.
    pub sets: Option<Name>,
    /// Unit of the drawn value.
    pub unit: String,
    /// How it is distributed.
    pub distribution: DistributionSpec,
    /// Source and grounds.
    pub provenance: Provenance,
    /// Where it stands.
    pub span: Span,
}

/// A correlation of two traits.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// The first trait.
    pub first: Name,
    /// The second trait.
    pub second: Name,
    /// Correlation of the underlying normals, −1 … 1.
    pub value: f64,
    /// Source and grounds.
    pub provenance: Provenance,
    /// Where it stands.
    pub span: Span,
}

/// One entry condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Eligibility {
    /// In words; the reason in the funnel.
    pub name: Name,
    /// The condition, in the model's language.
    pub when: Name,
    /// Source and grounds, if stated.
    pub provenance: Option<Provenance>,
}

/// How many are screened per patient found, where the card says nothing.
const DEFAULT_MAX_SCREENED: u32 = 200;

impl Population {
    /// Reads a population card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }
}

fn read(reader: &mut Reader<'_>) -> Population {
    let population = Population {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        disease: reader.text("disease"),
        summary: reader.optional_text("summary").map(|summary| summary.text),
        traits: reader.tables("trait").into_iter().map(Trait::read).collect(),
        correlations: reader.tables("correlation").into_iter().filter_map(read_correlation).collect(),
        drugs: reader.texts("drugs"),
        run_in: Phase::read(reader, "run_in"),
        duration: Duration::read(reader),
        entry: read_entry(reader),
        eligible: reader.tables("eligible").into_iter().map(read_eligibility).collect(),
        max_screened_per_patient: reader
            .optional_count("max_screened_per_patient")
            .unwrap_or(DEFAULT_MAX_SCREENED),
    };
    reader.optional_text("note");
    refuse_twice(reader.page(), population.traits.iter().map(|one| &one.name), "is drawn twice");
    refuse_twice(reader.page(), population.eligible.iter().map(|one| &one.name), "is asked twice");
    check_correlations(reader, &population);
    if let Some(name) = population.run_in.as_ref().and_then(|phase| phase.days_of.as_ref()) {
        refuse_unknown_trait(reader, &population, name);
        let days = population.traits.iter().find(|one| one.name.text == name.text);
        if days.is_some_and(|one| one.unit != "day" || !one.distribution.is_positive()) {
            let message =
                format!("`{}` is the length of the run-in, so it is drawn in `day` and above 0", name.text);
            reader.report(Diagnostic::error(codes::OUT_OF_RANGE, name.span, message));
        }
    }
    if let Some(one) = population.traits.iter().find(|one| one.name.text == DURATION)
        && population.duration.is_some()
    {
        let message = format!("`{DURATION}` is drawn here, so `[{DURATION}]` cannot stand beside it");
        reader.report(Diagnostic::error(codes::CONTRADICTION, one.span, message));
    }
    population
}

impl Trait {
    pub(crate) fn read(mut table: Reader<'_>) -> Self {
        let one = Trait {
            name: table.identifier("name"),
            title: table.optional_text("title").map(|title| title.text),
            sets: table.optional_text("sets"),
            unit: table.unit(),
            distribution: DistributionSpec::read(&mut table, "distribution"),
            provenance: table.provenance(),
            span: table.span(),
        };
        table.optional_text("note");
        table.finish();
        one
    }
}

fn read_correlation(mut table: Reader<'_>) -> Option<Correlation> {
    let pair = read_pair(&mut table);
    let value = table.number("value", Bound::Finite);
    let provenance = table.provenance();
    let span = table.span();
    if value.abs() >= 1.0 {
        let message = format!("a correlation of {value} is not between -1 and 1");
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, span, message));
    }
    table.finish();
    let [first, second] = pair?;
    Some(Correlation { first, second, value, provenance, span })
}

fn read_pair(table: &mut Reader<'_>) -> Option<[Name; 2]> {
    let (span, _) = table.require("between")?;
    let pair = <[Name; 2]>::try_from(table.texts("between")).ok();
    if pair.as_ref().is_none_or(|[first, second]| first.text == second.text) {
        table.report(Diagnostic::error(
            codes::WRONG_TYPE,
            span,
            "`between` must be a list of two different traits",
        ));
        return None;
    }
    pair
}

fn read_entry(reader: &mut Reader<'_>) -> Vec<Setting> {
    let Some(mut table) = reader.optional_table("entry") else { return Vec::new() };
    let set = table.settings("set");
    table.finish();
    set
}

fn read_eligibility(mut table: Reader<'_>) -> Eligibility {
    let one = Eligibility {
        name: table.text("name"),
        when: table.text("when"),
        provenance: table.optional_provenance(),
    };
    table.finish();
    one
}

fn check_correlations(reader: &Reader<'_>, population: &Population) {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for one in &population.correlations {
        for name in [&one.first, &one.second] {
            refuse_unknown_trait(reader, population, name);
        }
        let pair =
            (one.first.text.as_str().min(&one.second.text), one.first.text.as_str().max(&one.second.text));
        if pairs.contains(&pair) {
            let message = format!("`{}` and `{}` are correlated twice", pair.0, pair.1);
            reader.report(Diagnostic::error(codes::DUPLICATE, one.span, message));
        }
        pairs.push(pair);
    }
}

fn refuse_unknown_trait(reader: &Reader<'_>, population: &Population, name: &Name) {
    if population.traits.iter().all(|one| one.name.text != name.text) {
        let problem =
            Diagnostic::error(codes::UNKNOWN_TRAIT, name.span, format!("unknown trait `{}`", name.text));
        let known = population.traits.iter().map(|one| one.name.text.as_str());
        reader.report(with_nearest(problem, &name.text, known));
    }
}
