use regraft_model::Sources;

use super::*;
use crate::testing::good;

const BIB: &str =
    "% a comment with @ sign\n@article{smith2001,\n title = {A}\n}\n@Book{jones_1999, x = {}}\n";

fn evidence() -> Evidence {
    let mut sources = Sources::default();
    let arms = "trial_id,arm_id,use,disease,regimen,n,citation,source\nTOY,GRAFT,calibrate,d,r,10,c,s\nKEPT,A,validate,d,r,10,c,s\n";
    let heading = "trial_id,arm_id,use,subtype,regimen,n,outcome,definition,time_value,time_unit,value,unit,ci_low,ci_high,ci_level,source,verified,note\n";
    let (arms, outcomes) = (sources.add("arms.csv", arms), sources.add("outcomes.csv", heading));
    let (evidence, problems) = Evidence::read(&sources, arms, outcomes);
    assert_eq!(problems, []);
    evidence
}

fn messages(source: &str) -> Vec<String> {
    let text = format!(
        "id = \"a\"\ntitle = \"A\"\n[give]\ntarget = \"x\"\nunit = \"mg\"\nfactor = {{ value = 1, unit = \"\", source = \"{source}\", why = \"w\" }}\n"
    );
    let mut cards = Cards::default();
    cards.insert(good(CardKind::Drug, "a", &text));
    check_sources(&cards, [], [], &reference_keys(BIB), &evidence())
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn keys_are_read_from_bibtex() {
    assert_eq!(reference_keys(BIB).into_iter().collect::<Vec<_>>(), ["jones_1999", "smith2001"]);
}

#[test]
fn known_sources_pass_and_unknown_ones_are_named() {
    assert_eq!(messages("smith2001; evidence:TOY/GRAFT"), Vec::<String>::new());
    assert_eq!(messages("assumed"), Vec::<String>::new());
    assert_eq!(messages("smith2002"), ["no reference has the key `smith2002`"]);
    assert_eq!(messages("evidence:TOY/GRAFTS"), ["no row of the evidence is `TOY/GRAFTS`"]);
}

#[test]
fn no_number_of_a_card_may_come_from_a_row_kept_for_validation() {
    assert_eq!(
        messages("evidence:KEPT/A"),
        ["`KEPT/A` is kept for validation: no number of a card may come from it"]
    );
}
