//! Drugs and the cards of sensitivities that they name.

use std::collections::{BTreeMap, BTreeSet};

use regraft_model::Diagnostic;

use super::{Search, Trial};
use crate::card::Cards;
use crate::codes;
use crate::drug::{Drug, EffectKind, Form};
use crate::name::Name;
use crate::pharmacology::unread_blocks;
use crate::reader::with_nearest;
use crate::sensitivities::Sensitivities;
use crate::targets::{functions, unknown_target};

/// Problems between drug cards and the cards of sensitivities that they name.
pub fn check_drugs(cards: &Cards) -> Vec<Diagnostic> {
    let mut search = Search { cards, problems: Vec::new() };
    search.sensitivities(&cards.drugs);
    search.problems
}

/// Blocks of drugs that no model reads; `read` are those that models read.
///
/// In the whole library a block that no model reads is a slip of the pen. In the model of one trial a drug may
/// have effects that matter in other diseases alone, but it has to do something: see [`Trial::idle_drugs`].
pub fn check_blocks<'a>(
    drugs: impl IntoIterator<Item = &'a Drug>,
    read: &BTreeSet<String>,
) -> Vec<Diagnostic> {
    let unread = drugs.into_iter().flat_map(|drug| unread_blocks(drug, read));
    let problem = |target: &Name| {
        let message =
            format!("there is no population or function `{0}`, and no model reads `{0}_block`", target.text);
        unknown_target(target, message, functions().chain(read.iter().map(String::as_str)))
    };
    unread.map(problem).collect()
}

impl Trial {
    /// Drugs that do nothing in this trial's model, since it reads none of their blocks.
    pub fn idle_drugs(&self, read: &BTreeSet<String>) -> Vec<Diagnostic> {
        let idle = |drug: &&Drug| {
            let unread = unread_blocks(drug, read).len();
            unread > 0 && unread == drug.effects.len() && drug.kill.is_none() && drug.parameters.is_empty()
        };
        let problem = |drug: &Drug| {
            let message =
                format!("`{}` does nothing in the model `{}`", drug.id.text, self.disease.model.text);
            let blocks: Vec<String> =
                unread_blocks(drug, read).iter().map(|target| format!("`{}_block`", target.text)).collect();
            let help = format!("the model does not read {}", blocks.join(", "));
            Diagnostic::error(codes::UNKNOWN_POPULATION_OF_CELLS, drug.id.span, message).with_help(help)
        };
        self.drugs.values().filter(idle).map(problem).collect()
    }
}

impl Search<'_> {
    /// The cards of sensitivities of these drugs; what a drug says of kill rates that its card lacks is a problem.
    pub(super) fn sensitivities(
        &mut self,
        drugs: &BTreeMap<String, Drug>,
    ) -> BTreeMap<String, Sensitivities> {
        let mut found = BTreeMap::new();
        for drug in drugs.values() {
            let card = drug.kill.as_ref().and_then(|kill| {
                let (cards, code) = (self.cards, codes::UNKNOWN_SENSITIVITIES);
                self.find(&cards.sensitivities, &kill.sensitivities, "card of sensitivities", code)
            });
            self.check_kills(drug, card);
            found.extend(card.map(|card| (card.id.text.clone(), card.clone())));
        }
        found
    }

    fn check_kills(&mut self, drug: &Drug, card: Option<&Sensitivities>) {
        for effect in &drug.effects {
            if let EffectKind::Sensitivity(own) = &effect.kind {
                if drug.kill.is_none() {
                    let message = format!("`of` needs `[kill]`: `{}` has no kill rates", drug.id.text);
                    self.error(codes::CONTRADICTION, own.of.span, message);
                }
                self.check_kill(drug, card, &own.of);
            }
        }
        for strength in drug.kill.iter().flat_map(|kill| &kill.strengths) {
            self.check_kill_rate(card, &strength.kill);
            let share_of_nothing = card
                .and_then(|card| card.kill(&strength.kill.text))
                .is_some_and(|kill| kill.of.as_ref().is_none_or(|of| strength_of(drug, &of.text).is_none()));
            if strength.form == Form::Share && share_of_nothing {
                let message =
                    format!("`{}` is a share of a kill rate that the drug does not have", strength.kill.text);
                self.error(codes::CONTRADICTION, strength.kill.span, message);
            }
        }
    }

    /// A kill rate that the card has and the drug gives a strength.
    fn check_kill(&mut self, drug: &Drug, card: Option<&Sensitivities>, name: &Name) {
        self.check_kill_rate(card, name);
        let known = card.is_some_and(|card| card.kill(&name.text).is_some());
        if known && strength_of(drug, &name.text).is_none() {
            let message = format!("`{}` has no strength in the kill rate `{}`", drug.id.text, name.text);
            self.error(codes::MISSING_KEY, name.span, message);
        }
    }

    fn check_kill_rate(&mut self, card: Option<&Sensitivities>, name: &Name) {
        let Some(card) = card.filter(|card| card.kill(&name.text).is_none()) else { return };
        let message = format!("sensitivities `{}` have no kill rate `{}`", card.id.text, name.text);
        let problem = Diagnostic::error(codes::UNKNOWN_WORD, name.span, message);
        let known = card.kills.iter().map(|kill| kill.name.text.as_str());
        self.problems.push(with_nearest(problem, &name.text, known));
    }
}

fn strength_of<'a>(drug: &'a Drug, kill: &str) -> Option<&'a crate::drug::Strength> {
    drug.kill.iter().flat_map(|own| &own.strengths).find(|strength| strength.kill.text == kill)
}
