//! A card of sensitivities: how much of a drug's kill rates reaches each cell population.
//!
//! A drug card names one and gives its own strength (`[kill]`); the population's kill rate is the sum over
//! drugs of relative sensitivity times strength times concentration.

use regraft_model::{Diagnostic, SourceId, Sources};

use crate::codes;
use crate::constant::{About, Constant, ModelUnit};
use crate::name::Name;
use crate::quantity::refuse_twice;
use crate::reader::{Bound, Reader, read_text, with_nearest};
use crate::targets::{check_patient_factor, check_population, population_words};

/// A card of sensitivities.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivities {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// A few words for the catalogue.
    pub summary: Option<String>,
    /// The kill rates that a drug of this card gives a strength.
    pub kills: Vec<Kill>,
    /// The populations, each with its share in one of the kill rates.
    pub cells: Vec<Sensitivity>,
}

/// A kill rate that several populations share.
#[derive(Debug, Clone, PartialEq)]
pub struct Kill {
    /// Name, for example `lymphoid`.
    pub name: Name,
    /// Words for a comment.
    pub title: String,
    /// A share of this other kill rate, where a drug gives no strength of its own.
    pub of: Option<Name>,
    /// Factors of the patient that multiply it.
    pub patient_factors: Vec<Name>,
}

/// How strongly a kill rate acts on a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// The population.
    pub population: Name,
    /// The kill rate.
    pub of: Name,
    /// Relative sensitivity, by name `POPULATION`.
    pub value: Constant,
    /// Factors of the patient that multiply it.
    pub patient_factors: Vec<Name>,
}

impl Sensitivities {
    /// Reads a card of sensitivities. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }

    /// The kill rate of that name.
    pub fn kill(&self, name: &str) -> Option<&Kill> {
        self.kills.iter().find(|kill| kill.name.text == name)
    }
}

fn read(reader: &mut Reader<'_>) -> Sensitivities {
    let card = Sensitivities {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        summary: reader.optional_text("summary").map(|summary| summary.text),
        kills: reader.tables("kill").into_iter().map(read_kill).collect(),
        cells: read_cells(reader),
    };
    reader.optional_text("note");
    refuse_twice(reader.page(), card.kills.iter().map(|kill| &kill.name), "is written twice");
    let named = card.kills.iter().filter_map(|kill| kill.of.as_ref());
    for name in named.chain(card.cells.iter().map(|cell| &cell.of)) {
        check_kill(reader, &card.kills, name);
    }
    card
}

fn check_kill(reader: &Reader<'_>, kills: &[Kill], name: &Name) {
    if !name.is_missing() && kills.iter().all(|kill| kill.name.text != name.text) {
        let message = format!("this card has no kill rate `{}`", name.text);
        let problem = Diagnostic::error(codes::UNKNOWN_WORD, name.span, message);
        let known = kills.iter().map(|kill| kill.name.text.as_str());
        reader.report(with_nearest(problem, &name.text, known));
    }
}

fn read_kill(mut table: Reader<'_>) -> Kill {
    let kill = Kill {
        name: table.identifier("name"),
        title: table.text("title").text,
        of: table.optional_text("of"),
        patient_factors: read_factors(&mut table),
    };
    table.finish();
    kill
}

/// `patient_factors = ["cytotoxic_sensitivity"]`, none where not written.
pub(crate) fn read_factors(table: &mut Reader<'_>) -> Vec<Name> {
    let names = table.texts("patient_factors");
    names.iter().for_each(|name| check_patient_factor(table.page(), name));
    names
}

fn read_cells(reader: &mut Reader<'_>) -> Vec<Sensitivity> {
    let Some(mut cells) = reader.table("sensitivity") else { return Vec::new() };
    let mut found = Vec::new();
    for (population, span, value) in cells.entries() {
        check_population(cells.page(), &population);
        let Some(table) = cells.page().as_table(&population.text, span, value) else { continue };
        found.extend(read_cell(table, population));
    }
    found
}

/// `{ of = "lymphoid", value = 0.70, unit = "", source = "…", patient_factors = […] }`: a number with two more keys.
pub(crate) fn read_cell(mut table: Reader<'_>, population: Name) -> Option<Sensitivity> {
    let span = table.span();
    let (of, patient_factors) = (table.text("of"), read_factors(&mut table));
    let path = format!("sensitivity.{}", population.text);
    let value = table.rest_of_number(&population.text, Bound::NotNegative)?;
    let words = population_words(&population.text).unwrap_or_default();
    let about = About { name: &population.text, path: &path, meaning: words, unit: ModelUnit::ratio() };
    let value = Constant::new(table.page(), about, span, value)?;
    table.finish();
    Some(Sensitivity { population, of, value, patient_factors })
}
