//! Whether the sources that cards name exist: keys of the references, rows of the evidence.

use std::collections::BTreeSet;

use regraft_model::{Diagnostic, Span, nearest};

use crate::card::{Card, CardKind, Cards};
use crate::claim::Claim;
use crate::codes;
use crate::endpoint::Endpoint;
use crate::evidence::{Evidence, Use};
use crate::population::Population;
use crate::product::Product;
use crate::quantity::{Origin, Provenance, origin_of};
use crate::regimen::Regimen;
use crate::uncertainty::Uncertainty;

/// Keys of the entries of a BibTeX text, `@article{KEY,`.
pub fn reference_keys(bibtex: &str) -> BTreeSet<String> {
    let entries = bibtex.split('@').skip(1).filter_map(|entry| entry.split_once('{'));
    let named = entries.filter(|(kind, _)| {
        let kind = kind.trim().to_ascii_lowercase();
        !kind.is_empty()
            && kind.chars().all(|c| c.is_ascii_alphabetic())
            && kind != "comment"
            && kind != "string"
    });
    let keys = named.filter_map(|(_, rest)| rest.split([',', '}', '\n']).next());
    keys.map(|key| key.trim().to_string()).filter(|key| !key.is_empty()).collect()
}

/// The problems of all sources named in a library: unknown keys, unknown rows of the evidence, and
/// rows that may not be used.
pub fn check_sources<'a>(
    cards: &Cards,
    claims: impl IntoIterator<Item = &'a Claim>,
    uncertain: impl IntoIterator<Item = &'a Uncertainty>,
    keys: &BTreeSet<String>,
    evidence: &Evidence,
) -> Vec<Diagnostic> {
    let all = CardKind::ALL.into_iter();
    let all = all.flat_map(|kind| cards.ids(kind).into_iter().filter_map(move |id| cards.get(kind, id)));
    let of_cards = all.flat_map(|card| card.sources());
    let of_uncertain = uncertain.into_iter().flat_map(|card| &card.parameters).map(|one| &one.provenance);
    let of_claims = claims.into_iter().map(|claim| &claim.provenance).chain(of_uncertain);
    let of_claims = of_claims.map(|provenance| (provenance.source.clone(), provenance.span));
    let mut problems = Vec::new();
    for (text, span) in of_cards.chain(of_claims) {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        problems.extend(parts.filter_map(|part| check_source(part, span, keys, evidence)));
    }
    problems.dedup();
    problems
}

fn check_source(part: &str, span: Span, keys: &BTreeSet<String>, evidence: &Evidence) -> Option<Diagnostic> {
    match origin_of(part) {
        Origin::Read if !keys.contains(part) => Some(unknown_key(part, span, keys)),
        Origin::Evidence => check_row(part.trim_start_matches("evidence:"), span, evidence),
        _ => None,
    }
}

fn unknown_key(key: &str, span: Span, keys: &BTreeSet<String>) -> Diagnostic {
    let problem = Diagnostic::error(codes::UNKNOWN_SOURCE, span, format!("no reference has the key `{key}`"));
    match nearest(key, keys.iter().map(String::as_str)) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem.with_help("add it to the references, or say `assumed` or `remembered` with `why`"),
    }
}

/// `TRIAL/ARM` or `TRIAL/ARM/outcome`.
fn check_row(row: &str, span: Span, evidence: &Evidence) -> Option<Diagnostic> {
    let mut parts = row.splitn(3, '/');
    let (trial, arm, outcome) = (parts.next()?, parts.next().unwrap_or(""), parts.next());
    let arms =
        evidence.arms.iter().filter(|row| row.trial_id == trial && row.arm_id == arm).map(|row| row.usage);
    let rows = evidence.outcomes.iter().map(|row| &row.reported);
    let outcomes = rows.filter(|row| row.trial_id == trial && row.arm_id == arm);
    let uses: Vec<Use> = match outcome {
        None => arms.chain(outcomes.filter_map(|row| row.usage)).collect(),
        Some(outcome) => outcomes.filter(|row| row.outcome == outcome).filter_map(|row| row.usage).collect(),
    };
    if uses.is_empty() {
        return Some(Diagnostic::error(codes::NO_ROW, span, format!("no row of the evidence is `{row}`")));
    }
    let kept = uses.contains(&Use::Validate);
    kept.then(|| {
        let message = format!("`{row}` is kept for validation: no number of a card may come from it");
        Diagnostic::error(codes::NOT_USABLE, span, message)
    })
}

impl Card {
    /// Every source that the card names, with its place, each place once.
    pub fn sources(&self) -> Vec<(String, Span)> {
        let numbers = self.numbers().into_iter().map(|number| (number.source, number.span));
        let entries = self.provenances().into_iter().map(|one| (one.source.clone(), one.span));
        let mut found: Vec<(String, Span)> = Vec::new();
        for (source, span) in entries.chain(numbers).chain(self.published_arms()) {
            let known =
                found.iter().any(|(text, place)| *text == source && (*place == span || within(*place, span)));
            if !source.is_empty() && !known {
                found.push((source, span));
            }
        }
        found.sort_by_key(|(_, span)| span.start);
        found
    }

    fn published_arms(&self) -> Vec<(String, Span)> {
        let Card::Trial(trial) = self else { return Vec::new() };
        let named = trial.arms.iter().filter_map(|arm| arm.evidence.as_ref());
        named.map(|name| (format!("evidence:{}", name.text), name.span)).collect()
    }

    fn provenances(&self) -> Vec<&Provenance> {
        match self {
            Card::Population(Population { traits, correlations, eligible, duration, .. }) => {
                let drawn = traits.iter().map(|one| &one.provenance);
                let pairs = correlations.iter().map(|one| &one.provenance);
                let asked = eligible.iter().filter_map(|one| one.provenance.as_ref());
                let ill = duration.iter().map(|duration| &duration.provenance);
                drawn.chain(pairs).chain(asked).chain(ill).collect()
            }
            Card::Product(Product { traits, release, .. }) => {
                let drawn = traits.iter().map(|one| &one.provenance);
                drawn.chain(release.iter().filter_map(|test| test.provenance.as_ref())).collect()
            }
            Card::Regimen(Regimen { steps, rules, .. }) => {
                let steps = steps.iter().filter_map(|step| step.provenance.as_ref());
                steps.chain(rules.iter().filter_map(|rule| rule.provenance.as_ref())).collect()
            }
            Card::Endpoint(Endpoint { provenance, .. }) => vec![provenance],
            Card::Trial(trial) => {
                let follow_up = trial.follow_up.iter().map(|follow_up| &follow_up.provenance);
                let search = trial.search.iter().map(|search| &search.provenance);
                let design = trial.design.iter();
                let grounds = trial.design.iter().flat_map(|design| &design.grounds);
                let design = design.filter_map(|design| design.provenance.as_ref());
                let design = design.chain(grounds.map(|ground| &ground.provenance));
                follow_up.chain(search).chain(design).chain(&trial.provenance).collect()
            }
            Card::Disease(_) | Card::Sensitivities(_) | Card::Drug(_) => Vec::new(),
        }
    }
}

/// Whether the source of an entry, at `place`, was already listed for a number of that entry.
fn within(place: Span, number: Span) -> bool {
    number.start <= place.start && place.end <= number.end
}

#[cfg(test)]
mod tests;
