//! What is uncertain of the model: numbers of the library that calibration may move, and how far one would
//! have believed them before looking at outcomes.

use regraft_model::{Diagnostic, SourceId, Sources, Span};
use regraft_stats::math;

use crate::codes;
use crate::name::Name;
use crate::quantity::Provenance;
use crate::reader::{Bound, Reader, read_text, with_nearest};

/// A card of uncertain parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// Identifier of the card.
    pub id: Name,
    /// The parameters, in the order of the card; at least one.
    pub parameters: Vec<UncertainParameter>,
}

/// An uncertain parameter: one direction in which numbers of the model may lie elsewhere than in the cards.
#[derive(Debug, Clone, PartialEq)]
pub struct UncertainParameter {
    /// Its name, unique in the library.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// Quantities of the model that it moves, by the names by which a trait would set them.
    pub sets: Vec<Name>,
    /// Diseases in whose trials it acts; all where empty.
    pub diseases: Vec<Name>,
    /// Drugs and products of which a trial must give one for the parameter to act in it; any trial where empty.
    pub with: Vec<Name>,
    /// How it moves them.
    pub scale: Scale,
    /// Standard deviation before looking, in units of the scale (a share of 0.3 on the scale `log` is about 30 %), > 0.
    pub sd: f64,
    /// Where the standard deviation comes from.
    pub provenance: Provenance,
    /// Where it stands.
    pub span: Span,
}

/// How an uncertain parameter moves a number x; z is standard normal before looking, s its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// x exp(s z): positive numbers.
    Log,
    /// logit⁻¹(logit x + s z): shares between 0 and 1.
    Logit,
    /// x max(0, 1/2 + s z): an effect that may be none at all, with the probability Φ(−1/(2 s)).
    Effect,
}

const SCALES: [(&str, Scale); 3] = [("log", Scale::Log), ("logit", Scale::Logit), ("effect", Scale::Effect)];

/// Least distance of a share from 0 and 1 on the scale `logit`. Chosen: beyond it nothing in the library can be told
/// from 0 or 1.
const LEAST_SHARE: f64 = 1e-9;

impl UncertainParameter {
    /// Where the number `x` lies when the parameter is `z` standard deviations from what the cards say.
    ///
    /// Of the scale `effect`, z = 1/(2 s) leaves the number where it is.
    pub fn moved(&self, x: f64, z: f64) -> f64 {
        let step = self.sd * z;
        match self.scale {
            Scale::Log => x * math::exp(step),
            Scale::Logit => {
                let share = x.clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
                let odds = share / (1.0 - share) * math::exp(step);
                odds / (1.0 + odds)
            }
            Scale::Effect => x * self.feature(z),
        }
    }

    /// z as the regressions see it: itself, or the share of the effect that is left.
    pub fn feature(&self, z: f64) -> f64 {
        match self.scale {
            Scale::Log | Scale::Logit => z,
            Scale::Effect => (0.5 + self.sd * z).max(0.0),
        }
    }

    /// d feature / d z.
    pub fn feature_slope(&self, z: f64) -> f64 {
        match self.scale {
            Scale::Log | Scale::Logit => 1.0,
            Scale::Effect if 0.5 + self.sd * z > 0.0 => self.sd,
            Scale::Effect => 0.0,
        }
    }

    /// z at which the numbers are those of the cards.
    pub fn neutral(&self) -> f64 {
        match self.scale {
            Scale::Log | Scale::Logit => 0.0,
            Scale::Effect => 0.5 / self.sd,
        }
    }

    /// Whether it acts in trials of this disease that give these drugs and products.
    pub fn acts_in<'a>(&self, disease: &str, given: impl IntoIterator<Item = &'a str>) -> bool {
        let own_disease = self.diseases.is_empty() || self.diseases.iter().any(|own| own.text == disease);
        own_disease
            && (self.with.is_empty()
                || given.into_iter().any(|id| self.with.iter().any(|own| own.text == id)))
    }
}

impl Uncertainty {
    /// Reads a card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }
}

fn read(reader: &mut Reader<'_>) -> Uncertainty {
    let card = Uncertainty {
        id: reader.identifier("id"),
        parameters: reader.tables("parameter").into_iter().map(read_parameter).collect(),
    };
    reader.optional_text("note");
    if !reader.has("parameter") {
        let problem = Diagnostic::error(codes::EMPTY, reader.span(), "this card has no `[[parameter]]`");
        reader.report(problem.with_help("name what is uncertain, what it `sets`, its `scale` and `sd`"));
    }
    card
}

fn read_parameter(mut table: Reader<'_>) -> UncertainParameter {
    let parameter = UncertainParameter {
        name: table.identifier("name"),
        title: table.text("title").text,
        sets: table.texts("sets"),
        diseases: if table.has("diseases") { table.texts("diseases") } else { Vec::new() },
        with: if table.has("with") { table.texts("with") } else { Vec::new() },
        scale: table.word("scale", &SCALES).unwrap_or(Scale::Log),
        sd: table.number("sd", Bound::Positive),
        provenance: table.provenance(),
        span: table.span(),
    };
    table.finish();
    parameter
}

/// Problems of all cards together: two parameters of one name, diseases, drugs and products that are not there.
pub fn check_uncertainty<'a>(
    cards: impl IntoIterator<Item = &'a Uncertainty>,
    diseases: &[String],
    given: &[String],
) -> Vec<Diagnostic> {
    let parameters: Vec<&UncertainParameter> = cards.into_iter().flat_map(|card| &card.parameters).collect();
    let mut problems = Vec::new();
    for (place, parameter) in parameters.iter().enumerate() {
        let name = &parameter.name;
        if !name.text.is_empty() && parameters[..place].iter().any(|other| other.name.text == name.text) {
            let message = format!("there is another uncertain parameter `{}`", name.text);
            problems.push(Diagnostic::error(codes::DUPLICATE, name.span, message));
        }
        for one in parameter.with.iter().filter(|one| !given.contains(&one.text)) {
            let message = format!("there is no drug or product `{}`", one.text);
            let problem = Diagnostic::error(codes::UNKNOWN_DRUG, one.span, message);
            problems.push(with_nearest(problem, &one.text, given.iter().map(String::as_str)));
        }
        for disease in parameter.diseases.iter().filter(|disease| !diseases.contains(&disease.text)) {
            let message = format!("there is no disease `{}`", disease.text);
            let problem = Diagnostic::error(codes::UNKNOWN_DISEASE, disease.span, message);
            let known = diseases.iter().map(String::as_str);
            problems.push(with_nearest(problem, &disease.text, known));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
