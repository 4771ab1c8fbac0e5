use regraft_model::Sources;

use super::{Facts, Table, Vocabulary, normal};

fn read(rows: &str) -> (Vocabulary, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("vocabulary.csv", format!("table,priority,when,gives,why\n{rows}"));
    let (vocabulary, problems) = Vocabulary::read(&sources, id);
    (vocabulary, problems.into_iter().map(|problem| problem.message).collect())
}

fn facts(pairs: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    pairs.iter().for_each(|(field, text)| facts.set(field, text));
    facts
}

#[test]
fn texts_are_made_plain() {
    assert_eq!(normal("Cy 200 mg/kg + rATG (6.5)"), " cy 200 mg kg ratg 6.5 ");
    assert_eq!(normal("MSC_UCB_allo"), " msc ucb allo ");
    assert_eq!(normal(""), " ");
}

#[test]
fn the_rule_of_highest_priority_wins_and_words_are_whole() {
    let (vocabulary, problems) = read(
        "words,,hsct,words=hsct | ahsct | transplant*,w\n\
         regimen,1,treatment: @hsct,regimen=plain; cells=auto,w\n\
         regimen,5,\"treatment: @hsct; treatment: beam; !treatment: mini beam\",regimen=beam,w\n\
         regimen,0,therapy: =,regimen=nothing,w\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    let best = |text: &str| {
        let facts = facts(&[("treatment", text), ("therapy", text)]);
        vocabulary.best(Table::Regimen, &facts).and_then(|rule| rule.gives("regimen")).map(str::to_string)
    };
    assert_eq!(best("BEAM + ATG, autologous transplantation").as_deref(), Some("beam"));
    assert_eq!(best("mini-BEAM aHSCT").as_deref(), Some("plain"));
    assert_eq!(best("nonhsct").as_deref(), None);
    assert_eq!(best("").as_deref(), Some("nothing"));
}

#[test]
fn what_is_wrong_in_rules_is_told_at_once() {
    let (_, problems) = read(
        "regimens,1,therapy: a,regimen=b,w\n\
         regimen,one,therapy: a,regimen=b,w\n\
         regimen,1,theraphy: a,regimen=b,w\n\
         regimen,1,therapy: @none,regimen=b,w\n\
         regimen,1,therapy: a,regimn=b,w\n\
         regimen,1,therapy: a,,\n",
    );
    let said = problems.join("\n");
    for words in [
        "column `table` holds `regimens`",
        "column `priority` holds `one`",
        "no field `theraphy`: did you mean `therapy`?",
        "no list of words `none`",
        "this table gives no `regimn`",
        "column `why` holds ``",
        "gives nothing",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn rules_of_groups_and_of_stated_traits_are_read() {
    let (vocabulary, problems) = read(
        "endpoint,5,outcome: relapse; definition: among,endpoint=x; among=y; among_day=182; zero=98,w\n\
         endpoint,4,outcome: survival adult,endpoint=x; age=18 to 50; product=p; regimen=r,w\n\
         baseline,9,people: cmv r,trait=cmv_seropositive; value=1,w\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    let facts =
        facts(&[("outcome", "relapse"), ("definition", "among responders"), ("people", "allo CMV R+")]);
    let rule = vocabulary.best(Table::Endpoint, &facts).expect("a rule holds");
    assert_eq!(
        (rule.gives("among"), rule.number("among_day"), rule.number("zero")),
        (Some("y"), Some(182.0), Some(98.0))
    );
    let stated: Vec<Option<f64>> =
        vocabulary.matching(Table::Baseline, &facts).map(|rule| rule.number("value")).collect();
    assert_eq!(stated, [Some(1.0)]);
}
