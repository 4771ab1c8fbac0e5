//! The drugs module of a model, written from cards: one sub-model per drug, one kill rate per population.
//!
//! A drug that is not given has no text and costs no state; without any drug every rate is the constant 0.

mod instance;
mod sums;
mod writer;

use std::collections::BTreeMap;

use crate::drug::Drug;
use crate::sensitivities::Sensitivities;

/// Name of the file that the core imports, which is answered with [`drugs_model`].
pub const DRUGS_FILE: &str = "drugs.ant";

/// The text of the drugs module for these drugs, in Antimony.
///
/// Drugs without `[pharmacokinetics]` have no part in it.
pub fn drugs_model<'a>(
    drugs: impl IntoIterator<Item = &'a Drug>,
    sensitivities: &BTreeMap<String, Sensitivities>,
) -> String {
    let drugs: Vec<&Drug> = drugs.into_iter().filter(|drug| drug.kinetics.is_some()).collect();
    let mut text = head(&drugs);
    for drug in &drugs {
        text.push_str(&drug_model(drug, sensitivities));
        text.push('\n');
    }
    text + &sums::module(&drugs, sensitivities)
}

/// The sub-model of one drug; empty where its card has no `[pharmacokinetics]`.
pub fn drug_model(drug: &Drug, sensitivities: &BTreeMap<String, Sensitivities>) -> String {
    let card = drug.kill.as_ref().and_then(|kill| sensitivities.get(&kill.sensitivities.text));
    drug.kinetics.as_ref().map_or(String::new(), |kinetics| instance::model(drug, kinetics, card))
}

fn head(drugs: &[&Drug]) -> String {
    let ids: Vec<&str> = drugs.iter().map(|drug| drug.id.text.as_str()).collect();
    let given = if ids.is_empty() { "none is given".to_string() } else { ids.join(", ") };
    format!(
        "// Drugs: amounts in the body, concentrations and effects, written by regraft from the cards of the drugs.\n\
         // To change it, change a card. Drugs: {given}.\n\n"
    )
}

#[cfg(test)]
mod tests;
