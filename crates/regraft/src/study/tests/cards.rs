//! A change of one disease's card cannot alter another disease: every trial is prepared as before when all numbers on
//! the cards of all other diseases are others. What a trial is prepared to is all that its simulation is made from.

use std::collections::BTreeMap;

use regraft_trial::disease::Disease;
use regraft_trial::quantity::{Setting, SettingValue};

use crate::library::Library;
use crate::study::{Prepared, prepare};

/// All that a simulation of a trial and its analyses are made from, as text.
fn made_from(library: &mut Library, trial: &str) -> String {
    let (prepared, problems) = prepare(library, trial).expect("the library has this trial");
    let Some(Prepared { program, protocol, recipe, readings, columns, endpoints, analyses, .. }) = prepared
    else {
        panic!("{trial}: {:?}", problems.first());
    };
    format!("{program:?}{protocol:?}{recipe:?}{readings:?}{columns:?}{endpoints:?}{analyses:?}")
}

/// Every number that the card gives the model, and every error of reading, made a hundredth larger.
fn change(card: &mut Disease) {
    let phases = card.burn_in.iter_mut().flat_map(|phase| &mut phase.set);
    let settings: Vec<&mut Setting> =
        card.parameters.iter_mut().chain(&mut card.initial).chain(phases).collect();
    for setting in settings {
        if let SettingValue::Fixed(number) = &mut setting.value {
            number.value *= 1.01;
        }
    }
    card.scores.iter_mut().for_each(|score| score.noise_sd.value *= 1.01);
    card.labs.iter_mut().for_each(|lab| lab.cv.value *= 1.01);
}

#[test]
fn a_change_of_one_card_cannot_alter_another_disease() {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let trials = library.cards.trials.iter();
    let of_disease: BTreeMap<String, String> =
        trials.map(|(id, trial)| (trial.disease.text.clone(), id.clone())).collect();
    assert_eq!(of_disease.len(), library.cards.diseases.len(), "every disease has a trial");
    for (disease, trial) in &of_disease {
        let before = made_from(&mut library, trial);
        let cards = library.cards.diseases.clone();
        library.cards.diseases.iter_mut().filter(|(id, _)| *id != disease).for_each(|(_, card)| change(card));
        assert!(before == made_from(&mut library, trial), "{trial} reads a card of another disease");
        library.cards.diseases = cards.clone();
        change(library.cards.diseases.get_mut(disease).expect("it has a card"));
        assert!(before != made_from(&mut library, trial), "{trial} does not read its own disease's card");
        library.cards.diseases = cards;
    }
}
