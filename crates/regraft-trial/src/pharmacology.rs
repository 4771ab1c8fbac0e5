//! The drugs module of a model, written from cards: one sub-model per drug, one kill rate per population.
//!
//! A drug that is not given has no text and costs no state; without any drug every rate is the constant 0.

mod instance;
mod sums;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use crate::drug::{Drug, EffectKind};
use crate::name::Name;
use crate::sensitivities::Sensitivities;

/// Name of the file that the core imports, which is answered with [`drugs_model`].
pub const DRUGS_FILE: &str = "drugs.ant";

/// The text of the drugs module for these drugs, in Antimony.
///
/// Drugs without `[pharmacokinetics]` have no part in it. `blocks` are the names of the blocks that the model
/// reads ([`named_blocks`]): each is there, 0 where no drug has it.
pub fn drugs_model<'a>(
    drugs: impl IntoIterator<Item = &'a Drug>,
    sensitivities: &BTreeMap<String, Sensitivities>,
    blocks: &BTreeSet<String>,
) -> String {
    let drugs: Vec<&Drug> = drugs.into_iter().filter(|drug| drug.kinetics.is_some()).collect();
    let mut text = head(&drugs);
    for drug in &drugs {
        text.push_str(&drug_model(drug, sensitivities));
        text.push('\n');
    }
    text + &sums::module(&drugs, sensitivities, blocks)
}

/// The sub-model of one drug; empty where its card has no `[pharmacokinetics]`.
pub fn drug_model(drug: &Drug, sensitivities: &BTreeMap<String, Sensitivities>) -> String {
    let card = drug.kill.as_ref().and_then(|kill| sensitivities.get(&kill.sensitivities.text));
    drug.kinetics.as_ref().map_or(String::new(), |kinetics| instance::model(drug, kinetics, card))
}

/// Names of the blocks that a model text reads: `entry` of `tissue.entry_block is drugs.entry_block`.
pub fn named_blocks(text: &str) -> BTreeSet<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let words = code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')));
    let read = words.filter_map(|word| {
        let (before, name) = word.rsplit_once('.')?;
        (before == "drugs" || before.ends_with(".drugs")).then(|| name.strip_suffix("_block")).flatten()
    });
    read.filter(|name| *name != IMMUNOMODULATOR).map(str::to_string).collect()
}

/// The block of priming has a form of its own: `[effects.block]`.
const IMMUNOMODULATOR: &str = "immunomodulator";

/// Blocks of a drug that are not among those that a model reads.
pub(crate) fn unread_blocks<'a>(drug: &'a Drug, read: &BTreeSet<String>) -> Vec<&'a Name> {
    let named = drug.effects.iter().filter(|effect| matches!(effect.kind, EffectKind::Block { .. }));
    named.map(|effect| &effect.target).filter(|target| !read.contains(&target.text)).collect()
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
