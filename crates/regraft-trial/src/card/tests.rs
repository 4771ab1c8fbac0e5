use super::*;
use crate::quantity::{Origin, SettingValue};
use crate::testing::{good, read};

const DRUG: &str = r#"
id = "tablet"
title = "Tablet"
class = "antibody"
[give]
target = "drugs.tablet.level"
mode = "set"
unit = "mg/day"
dose = { value = 1, unit = "mg/day", source = "assumed", why = "w" }
[parameters]
"drugs.tablet.volume" = { value = 4.5, unit = "L", source = "smith2001" }
drugs.tablet.on = 1
drugs.tablet.effect = { per_patient = { kind = "constant", value = 0.5 }, unit = "", source = "smith2001" }
"#;

fn drug(card: Card) -> Drug {
    let Card::Drug(drug) = card else { panic!("it is a drug") };
    *drug
}

#[test]
fn a_drug_is_read_wholly() {
    let drug = drug(good(CardKind::Drug, "tablet", DRUG));
    assert_eq!((drug.id.text.as_str(), drug.class.as_deref()), ("tablet", Some("antibody")));
    assert_eq!(drug.give.mode, crate::drug::GiveMode::Set);
    assert_eq!(drug.give.dose.as_ref().map(|dose| dose.value), Some(1.0));
    let targets: Vec<&str> = drug.parameters.iter().map(|setting| setting.target.text.as_str()).collect();
    assert_eq!(targets, ["drugs.tablet.volume", "drugs.tablet.on", "drugs.tablet.effect"]);
    let SettingValue::Fixed(volume) = &drug.parameters[0].value else { panic!("it is fixed") };
    assert_eq!((volume.value, volume.unit.as_str(), volume.source.as_str()), (4.5, "L", "smith2001"));
    let SettingValue::Fixed(switch) = &drug.parameters[1].value else { panic!("it is fixed") };
    assert_eq!(switch.origin(), Origin::Switch);
    assert!(
        matches!(&drug.parameters[2].value, SettingValue::PerPatient(drawn) if drawn.distribution.kind == "constant")
    );
}

#[test]
fn a_card_without_id_takes_the_name_of_its_file() {
    let (card, problems) =
        read(CardKind::Drug, "pill", "title = \"Pill\"\n[give]\ntarget = \"x\"\nunit = \"mg\"\n");
    assert_eq!(problems, ["1:1 this file lacks `id`"]);
    assert_eq!(card.id().text, "pill");
}

#[test]
fn an_empty_text_is_read_to_a_card_and_says_what_it_lacks() {
    for kind in CardKind::ALL {
        let (card, problems) = read(kind, "x", "");
        assert_eq!(card.kind(), kind);
        assert!(
            problems.iter().any(|problem| problem == "1:1 this file lacks `id`"),
            "{kind:?}: {problems:?}"
        );
    }
}

#[test]
fn texts_that_are_no_cards_never_panic() {
    let texts = [
        "\u{0}",
        "=",
        "[[",
        "a = ",
        "id = 3",
        "[[step]]\nstep = [[[",
        "x = \"\"\"",
        "a.b.c = 1\na.b = 2",
        "[[arm]]\n[arm]\n",
        "visits = { labs = 3 }",
        "id = \"é\"\n",
        "days = [1, \"a\"]",
        "[[trait]]\ndistribution = 99999999999999999999",
        "horizon_days = 1e999",
        "[parameters]\nx = {}\ny = []\nz = { a = { b = { c = 1 } } }\n",
    ];
    for kind in CardKind::ALL {
        for text in texts {
            let (_, problems) = read(kind, "x", text);
            assert!(!problems.is_empty(), "{kind:?} takes {text:?}");
        }
    }
}

#[test]
fn the_folder_says_the_kind() {
    assert_eq!(CardKind::of_path("my/library/drugs/atg.toml"), Some(CardKind::Drug));
    assert_eq!(CardKind::of_path("drugs/trials/x.toml"), Some(CardKind::Trial));
    assert_eq!(CardKind::of_path("atg.toml"), None);
}

#[test]
fn a_later_card_replaces_and_gives_back_the_earlier() {
    let mut cards = Cards::default();
    let first = good(CardKind::Drug, "tablet", DRUG);
    assert_eq!(cards.insert(first.clone()), None);
    let second = good(CardKind::Drug, "tablet", &DRUG.replace("Tablet", "Other"));
    assert_eq!(cards.insert(second.clone()), Some(first));
    assert_eq!(cards.get(CardKind::Drug, "tablet"), Some(second));
    assert_eq!(cards.ids(CardKind::Drug), ["tablet"]);
}
