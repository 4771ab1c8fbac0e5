//! The text of the drugs module: read back, and without drugs.

use std::collections::{BTreeMap, BTreeSet};

use regraft_model::{Found, Program, Sources, lower, read_antimony};

use super::*;
use crate::card::{Card, CardKind};
use crate::targets::{POPULATIONS, rate_name};
use crate::testing::{good, read};

const SENSITIVITIES: &str = r#"
id = "poisons"
title = "Poisons"
[[kill]]
name = "lymphoid"
title = "lymphoid cells"
patient_factors = ["cytotoxic_sensitivity"]
[[kill]]
name = "sanctuary"
title = "cells behind the barrier"
of = "lymphoid"
[sensitivity]
naive_t = { of = "lymphoid", value = 0.5, unit = "", source = "smith2001" }
memory_cd4 = { of = "lymphoid", value = 0.25, unit = "", source = "smith2001" }
clone_resident_memory = { of = "sanctuary", value = 1.0, unit = "", source = "smith2001" }
"#;

const KINETICS: &str = r#"
[pharmacokinetics]
distribution_volume = { value = 20, unit = "L", source = "smith2001" }
clearance = { value = 5, unit = "L/h", source = "smith2001" }
peripheral_volume = { value = 10, unit = "L", source = "smith2001" }
peripheral_flow = { value = 2, unit = "L/h", source = "smith2001" }
absorption_rate = { value = 1, unit = "1/h", source = "smith2001" }
bioavailability = { per_patient = { kind = "uniform", low = 0.4, high = 0.8 }, unit = "", source = "smith2001" }
induction_maximum = { value = 0.5, unit = "", source = "smith2001" }
induction_half_effect = { value = 500, unit = "ug/L", source = "smith2001" }
induction_rate = { value = 1, unit = "1/day", source = "smith2001" }
clearance_exponent = { value = 0.75, unit = "", source = "smith2001" }
volume_exponent = { value = 1, unit = "", source = "smith2001" }
reference_weight = { value = 70, unit = "kg", source = "smith2001" }
"#;

const KILL: &str = r#"
[kill]
sensitivities = "poisons"
reference_exposure = { value = 2, unit = "mg*day/L", source = "smith2001" }
[kill.log_kill]
lymphoid = { value = 3, unit = "", source = "smith2001" }
[kill.share]
sanctuary = { value = 0.4, unit = "", source = "smith2001" }
"#;

const EFFECTS: &str = r#"
[effects.memory_cd4]
of = "lymphoid"
value = 0.75
unit = ""
source = "smith2001"
[effects.treg]
maximum_rate = { value = 0.1, unit = "1/day", source = "smith2001" }
half_effect = { value = 1, unit = "mg/L", source = "smith2001" }
[effects.block]
maximum = { value = 0.6, unit = "", source = "smith2001" }
half_effect = { value = 2, unit = "mg/L", source = "smith2001" }
"#;

fn drug(id: &str, parts: &[&str]) -> Drug {
    let text = format!("id = \"{id}\"\ntitle = \"A {id}\"\n{}", parts.concat());
    let Card::Drug(drug) = good(CardKind::Drug, id, &text) else { panic!("it is a drug") };
    *drug
}

fn sensitivities() -> BTreeMap<String, Sensitivities> {
    let card = good(CardKind::Sensitivities, "poisons", SENSITIVITIES);
    let Card::Sensitivities(card) = card else { panic!("it is a card of sensitivities") };
    BTreeMap::from([("poisons".to_string(), card)])
}

/// The text as a program of its own, without any problem of names or units.
fn program(text: &str) -> Program {
    let mut sources = Sources::default();
    let root = sources.add("drugs.ant", text);
    let (model, problems) = read_antimony(&mut sources, root, &mut |_, _| None);
    let errors: Vec<String> = problems.iter().filter(|p| p.is_error()).map(|p| p.render(&sources)).collect();
    assert!(errors.is_empty(), "{}\n{text}", errors.join("\n"));
    lower(&model).expect("a model without errors can be lowered")
}

#[test]
fn without_drugs_every_kill_rate_is_the_constant_0() {
    let program = program(&drugs_model([], &BTreeMap::new(), &BTreeSet::new()));
    assert_eq!(program.states.len(), 0);
    for (name, _) in POPULATIONS {
        let Ok(Found::Parameter(index)) = program.find(&rate_name(name)) else {
            panic!("{name} is no constant")
        };
        assert_eq!(program.parameters[index as usize].name, rate_name(name));
    }
}

#[test]
fn every_key_of_a_card_gives_a_text_that_reads_without_errors() {
    let all = drug("all", &[KINETICS, KILL, EFFECTS]);
    let plain = drug("plain", &[KINETICS, KILL]);
    let text = drugs_model([&all, &plain], &sensitivities(), &BTreeSet::new());
    let program = program(&text);
    let states: Vec<&str> = program.states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(states.len(), 8, "{states:?}");
    assert!(
        text.contains("patient_clearance := clearance*(weight/reference_weight)^clearance_exponent"),
        "{text}"
    );
    assert!(text.contains("clearance = 120;"), "5 L/h are 120 L/day: {text}");
}

const SATURABLE: &str = r#"
saturable_clearance = { value = 10, unit = "L/h", source = "smith2001" }
half_saturation = { value = 200, unit = "ug/L", source = "smith2001" }
"#;

#[test]
fn a_clearance_that_saturates_stands_beside_the_others_and_grows_with_the_weight() {
    let drug = drug("deaminated", &[KINETICS, SATURABLE, KILL]);
    let text = drugs_model([&drug], &sensitivities(), &BTreeSet::new());
    program(&text);
    assert!(text.contains("half_saturation = 0.2;"), "200 ug/L are 0.2 mg/L: {text}");
    assert!(
        text.contains(
            "(patient_clearance*induction + patient_saturable_clearance*half_saturation/(half_saturation + concentration))/patient_distribution_volume*amount"
        ),
        "{text}"
    );
}

#[test]
fn a_clearance_that_saturates_needs_its_concentration_and_a_part_that_does_not() {
    let start = "id = \"bad\"\ntitle = \"Bad\"\n[pharmacokinetics]\ndistribution_volume = { value = 3, unit = \"L\", source = \"smith2001\" }\n";
    let alone = format!(
        "{start}elimination_rate = {{ value = 1, unit = \"1/h\", source = \"smith2001\" }}\nsaturable_clearance = {{ value = 5, unit = \"L/h\", source = \"smith2001\" }}\n"
    );
    let (_, problems) = read(CardKind::Drug, "bad", &alone);
    assert_eq!(
        problems,
        [
            "6:23 `saturable_clearance` needs `half_saturation`",
            "6:23 `saturable_clearance` needs `clearance`"
        ]
    );
}

#[test]
fn a_drug_may_have_a_sensitivity_of_its_own() {
    let (all, plain) = (drug("all", &[KINETICS, KILL, EFFECTS]), drug("plain", &[KINETICS, KILL]));
    let text = drugs_model([&all, &plain], &sensitivities(), &BTreeSet::new());
    let line = |start: &str| {
        let found = text.lines().find(|line| line.trim_start().starts_with(start));
        found
            .unwrap_or_else(|| panic!("no line {start}: {text}"))
            .trim()
            .split(";")
            .next()
            .unwrap_or_default()
            .to_string()
    };
    assert_eq!(line("kill_naive_t :="), "kill_naive_t := poisons_of_naive_t*poisons_lymphoid");
    assert_eq!(
        line("kill_memory_cd4 :="),
        "kill_memory_cd4 := poisons_of_memory_cd4*cytotoxic_sensitivity*lymphoid_kill_by_plain + 0.75*cytotoxic_sensitivity*lymphoid_kill_by_all"
    );
    assert_eq!(line("kill_treg :="), "kill_treg := treg_kill_by_all");
}

const ENTRY: &str = r#"
[effects.entry]
maximum = { value = 0.9, unit = "", source = "smith2001" }
half_effect = { value = 2, unit = "mg/L", source = "smith2001" }
"#;

#[test]
fn blocks_go_by_the_names_that_the_model_reads() {
    let blocks = named_blocks(
        "x.entry_block is drugs.entry_block; // drugs.never_block\ny is immune.drugs.thyroid_block;\nz is drugs.immunomodulator_block;",
    );
    assert_eq!(blocks, BTreeSet::from(["entry".to_string(), "thyroid".to_string()]));
    let (first, second) = (drug("first", &[KINETICS, ENTRY]), drug("second", &[KINETICS, ENTRY]));
    let text = drugs_model([&first, &second], &BTreeMap::new(), &blocks);
    program(&text);
    assert!(
        text.contains("entry_block := 1 - (1 - entry_block_by_first)*(1 - entry_block_by_second);"),
        "{text}"
    );
    assert!(text.contains("thyroid_block = 0;"), "{text}");
    let alone = drugs_model([&first], &BTreeMap::new(), &blocks);
    assert!(alone.contains("entry_block := entry_block_by_first;"), "{alone}");
    let nothing_read = BTreeSet::new();
    let unread = unread_blocks(&first, &nothing_read);
    assert_eq!(unread.iter().map(|name| name.text.as_str()).collect::<Vec<_>>(), ["entry"]);
}

#[test]
fn everything_wrong_with_a_card_is_told_at_once_with_its_place() {
    let text = r#"id = "bad"
title = "Bad"
[pharmacokinetics]
distribution_volume = { value = -3, unit = "L", source = "smith2001" }
clearance = { value = 5, unit = "kg", source = "smith2001" }
[effects.naive_cells]
maximum_rate = { value = 1, unit = "1/day", source = "smith2001" }
[effects.treg]
maximum_rate = { value = 1, source = "smith2001" }
half_effect = { value = 1, unit = "", source = "smith2001" }
"#;
    let (_, problems) = read(CardKind::Drug, "bad", text);
    assert_eq!(
        problems,
        [
            "4:33 `distribution_volume` is -3, must be more than 0",
            "5:13 `pharmacokinetics.clearance` cannot be in `kg`",
            "6:10 there is no population or function `naive_cells`",
            "9:16 this number has no `unit`",
            "9:16 `effects.treg.maximum_rate` has no unit",
            "10:15 `effects.treg.half_effect` has no unit",
        ]
    );
}

#[test]
fn radiation_acts_by_its_dose_in_grays() {
    let text = r#"id = "rays"
title = "Rays"
[pharmacokinetics]
amount = "Gy"
elimination_rate = { value = 12, unit = "1/day", source = "smith2001" }
[effects.naive_t]
log_kill = { value = 7, unit = "", source = "smith2001" }
reference_exposure = { value = 0.5, unit = "Gy*day", source = "smith2001" }
"#;
    let (card, problems) = read(CardKind::Drug, "rays", text);
    assert_eq!(problems, [""; 0]);
    let Card::Drug(drug) = card else { panic!("it is a drug") };
    let module = drugs_model([&*drug], &BTreeMap::new(), &BTreeSet::new());
    assert!(module.contains("naive_t_log_kill/naive_t_reference_exposure*amount"), "{module}");
    let volume = "distribution_volume = { value = 1, unit = \"L\", source = \"smith2001\" }\n";
    let with_volume = text.replace("elimination_rate", &format!("{volume}elimination_rate"));
    let (_, problems) = read(CardKind::Drug, "rays", &with_volume);
    assert_eq!(problems, ["5:23 radiation has no `distribution_volume`: it acts by its dose in `Gy`"]);
}
