use super::*;
use crate::card::Cards;

const CARD: &str = r#"id = "s"
title = "S"
[[simulation]]
id = "own"
title = "Own"
trial = "none"
arm = "a"
horizon_days = 30
why = "w"
[[group]]
name = "g"
simulation = "own"
[[group]]
name = "h"
not_simulated = "no such disease"
[[quantity]]
id = "share"
title = "Share"
unit = "%"
observable = "100*a/b"
[[not_in_model]]
quantity = "monocytes"
why = "no state"
[[normal]]
quantity = "share"
low = { value = 5, unit = "%", source = "assumed", why = "w" }
"#;

fn read(text: &str) -> (Scorecard, Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add("scorecards/s.toml", text);
    let (card, problems) = Scorecard::read(&sources, id);
    (card, sources, problems)
}

fn shown(sources: &Sources, problems: &[Diagnostic]) -> Vec<String> {
    problems.iter().map(|problem| problem.render(sources)).collect()
}

#[test]
fn a_scorecard_is_read_wholly() {
    let (card, sources, problems) = read(CARD);
    assert_eq!(shown(&sources, &problems), [""; 0]);
    assert_eq!((card.simulations.len(), card.groups.len(), card.quantities.len()), (1, 2, 1));
    assert_eq!(card.groups[1].people, People::NotSimulated("no such disease".into()));
    assert_eq!(card.quantities[0].in_model(), "scorecard_share");
    assert_eq!(card.conditions()[0].expression, "100*a/b");
    assert_eq!(card.normal("share").map(|normal| normal.low.value), Some(5.0));
    assert_eq!(card.absent("monocytes").map(|absent| absent.why.as_str()), Some("no state"));
    assert_eq!(card.absent("share"), None);
}

#[test]
fn a_quantity_is_in_the_model_or_not() {
    let (_, sources, problems) = read(&CARD.replace("quantity = \"monocytes\"", "quantity = \"share\""));
    let shown = shown(&sources, &problems);
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].contains("`share` is a quantity twice"), "{}", shown[0]);
}

#[test]
fn an_unknown_simulation_is_named_with_its_place() {
    let (_, sources, problems) = read(&CARD.replace("simulation = \"own\"", "simulation = \"owm\""));
    let shown = shown(&sources, &problems);
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(
        shown[0].starts_with("scorecards/s.toml:12:14: error[T044]: unknown simulation `owm`"),
        "{}",
        shown[0]
    );
    assert!(problems[0].help[0].starts_with("did you mean `own`?"));
}

#[test]
fn a_group_is_simulated_or_not() {
    let both = CARD.replace("not_simulated =", "simulation = \"own\"\nnot_simulated =");
    let (_, sources, problems) = read(&both);
    assert!(shown(&sources, &problems)[0].contains("both `simulation` and `not_simulated`"));
    let neither = CARD.replace("not_simulated = \"no such disease\"\n", "");
    let (_, sources, problems) = read(&neither);
    assert!(shown(&sources, &problems)[0].contains("lacks `simulation`"));
}

#[test]
fn an_unknown_trial_is_named_with_its_place() {
    let (card, sources, _) = read(CARD);
    let (trial, problems) = card.simulations[0].trial(&Cards::default(), &sources, &[]);
    assert!(trial.is_none());
    let shown = shown(&sources, &problems);
    assert!(
        shown[0].starts_with("scorecards/s.toml:6:9: error[T043]: there is no trial `none`"),
        "{}",
        shown[0]
    );
}
