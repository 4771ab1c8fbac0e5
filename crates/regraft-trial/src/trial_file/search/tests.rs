use std::collections::BTreeMap;

use super::{Formulas, SearchSpace};
use crate::card::{Card, CardKind};
use crate::name::Name;
use crate::product::Product;
use crate::quantity::SettingValue;
use crate::regimen::Regimen;
use crate::testing::{good, read};
use crate::trial::Shelf;
use crate::trial::TrialArm;
use crate::trial_file::{Arm, ArmRole};

const REGIMEN: &str = r#"
id = "r"
title = "R"
therapy = "t"
day_zero = "graft"
[[step]]
kind = "collect"
days = [-20]
set = { "collect_now" = 1 }
[[step]]
kind = "condition"
drug = "poison"
days = [-5, -4]
dose = { value = 50, unit = "mg/kg", source = "smith2001" }
[[step]]
id = "serum"
kind = "condition"
drug = "serum"
days = [-2]
dose = { value = 0.5, unit = "mg/kg", source = "smith2001" }
[[step]]
kind = "cover"
drug = "steroid"
from_day = 1
to_day = 14
every_days = 1
dose = { value = 20, unit = "mg", source = "assumed", why = "w" }
[[step]]
kind = "cover"
drug = "steroid"
from_day = 15
to_day = 28
every_days = 1
dose = { value = 10, unit = "mg", source = "assumed", why = "w" }
[[rule]]
id = "growth"
title = "G"
every_days = 1
from_day = 5
to_day = 21
give = [ { drug = "factor", dose = { value = 5, unit = "ug/kg", source = "smith2001" } } ]
"#;

const TRIAL: &str = r#"
id = "t"
title = "T"
question = "Q"
disease = "d"
population = "p"
horizon_days = 100
time_zero = "graft"
analysis_set = "intention_to_treat"
[visits]
score_days = [50]
[[arm]]
id = "a"
title = "A"
role = "studied"
regimen = "r"
product = "whole"
day_zero_at = 0
[[analysis]]
endpoint = "e"
method = "mean"
role = "primary"
at_days = [50]
[search]
arm = "a"
source = "assumed"
why = "w"
"#;

/// The space with these tables, and what is wrong with it.
fn space(tables: &str) -> (SearchSpace, Vec<String>) {
    let (card, problems) = read(CardKind::Trial, "t", &format!("{TRIAL}{tables}"));
    let Card::Trial(trial) = card else { panic!("it is a trial") };
    (trial.search.expect("it has a search"), problems)
}

fn arm() -> TrialArm {
    let Card::Regimen(regimen) = good(CardKind::Regimen, "r", REGIMEN) else { panic!("it is a regimen") };
    let span = regimen.id.span;
    let name = |text: &str| Name { text: text.into(), span };
    let arm = Arm {
        id: name("a"),
        title: "A".into(),
        role: ArmRole::Studied,
        regimen: name("r"),
        product: Some(name("whole")),
        day_zero_at: 0.0,
        why_day_zero_at: None,
        evidence: None,
        n_published: None,
        span,
    };
    TrialArm { arm, regimen, product: Some(product("whole")) }
}

fn product(id: &str) -> Product {
    let text = format!(
        "id = \"{id}\"\ntitle = \"P\"\nkind = \"hsc\"\nsource_tissue = \"blood\"\ndonor = \"own\"\n[parameters]\n"
    );
    let Card::Product(product) = good(CardKind::Product, id, &text) else { panic!("it is a product") };
    product
}

/// The regimen that values of one variable make.
fn made(vary: &str, value: f64) -> Regimen {
    let text = format!("[[search.vary]]\nname = \"x\"\ntitle = \"X\"\n{vary}\n{OBJECTIVE}");
    let (space, problems) = space(&text);
    assert_eq!(problems, Vec::<String>::new());
    let (drugs, products) = (BTreeMap::new(), BTreeMap::new());
    let shelf = Shelf { drugs: &drugs, products: &products };
    space.apply(&[value], &arm(), shelf).expect("a regimen comes out").regimen
}

const OBJECTIVE: &str =
    "[[search.objective]]\nname = \"o\"\ntitle = \"O\"\nendpoint = \"e\"\nat_day = 50\naim = \"minimize\"\n";

#[test]
fn doses_are_set_and_multiplied() {
    let dose =
        |regimen: &Regimen, step: usize| regimen.steps[step].dose.as_ref().expect("it has a dose").value;
    let set = made("change = \"dose\"\ndrugs = [\"poison\"]\nlow = 10\nhigh = 60\n", 30.0);
    assert_eq!((dose(&set, 1), dose(&set, 2)), (30.0, 0.5));
    let why = set.steps[1].dose.as_ref().and_then(|dose| dose.why.clone()).unwrap_or_default();
    assert_eq!(why, "chosen by a search of `x` from 10 to 60; the card has 50 mg/kg (source: smith2001)");
    let times = made("change = \"dose_times\"\nkinds = [\"condition\"]\nlow = 0\nhigh = 2\n", 0.5);
    assert_eq!((dose(&times, 1), dose(&times, 2)), (25.0, 0.25));
    let rule = made("change = \"dose\"\nrules = [\"growth\"]\nlow = 0\nhigh = 10\n", 7.0);
    assert_eq!(rule.rules[0].give[0].dose.as_ref().map(|dose| dose.value), Some(7.0));
}

#[test]
fn the_cards_own_value_leaves_the_card() {
    let own = arm().regimen;
    assert_eq!(made("change = \"dose\"\ndrugs = [\"poison\"]\nlow = 10\nhigh = 60\n", 50.0), own);
    assert_eq!(made("change = \"stretch_times\"\ndrugs = [\"steroid\"]\nlow = 0.5\nhigh = 2\n", 1.0), own);
    assert_eq!(made("change = \"repeats\"\ndrugs = [\"poison\"]\nlow = 1\nhigh = 4\n", 2.0), own);
}

#[test]
fn days_are_shifted_repeated_spaced_and_stretched() {
    let shifted = made("change = \"shift_days\"\nsteps = [\"serum\"]\nlow = -3\nhigh = 3\n", 3.0);
    assert_eq!(shifted.steps[2].days, [1.0]);
    let repeated = made("change = \"repeats\"\ndrugs = [\"poison\"]\nlow = 1\nhigh = 5\n", 4.0);
    assert_eq!(repeated.steps[1].days, [-5.0, -4.0, -3.0, -2.0]);
    let spaced = made("change = \"every_days\"\ndrugs = [\"poison\"]\nlow = 1\nhigh = 5\n", 3.0);
    assert_eq!(spaced.steps[1].days, [-5.0, -2.0]);
    let asked = made("change = \"every_days\"\nrules = [\"growth\"]\nlow = 1\nhigh = 5\n", 3.0);
    assert_eq!(asked.rules[0].trigger, Some(crate::regimen::RuleTrigger::EveryDays(3.0)));
    // A taper of two weeks each at half the pace: four weeks each, one after the other.
    let slow = made("change = \"stretch_times\"\ndrugs = [\"steroid\"]\nlow = 0.5\nhigh = 2\n", 2.0);
    let (first, second) = (&slow.steps[3].days, &slow.steps[4].days);
    assert_eq!((first.len(), first[0], first[27]), (28, 1.0, 28.0));
    assert_eq!((second.len(), second[0], second[27]), (28, 29.0, 56.0));
    let quick = made("change = \"stretch_times\"\ndrugs = [\"steroid\"]\nlow = 0.5\nhigh = 2\n", 0.5);
    assert_eq!((quick.steps[3].days.len(), quick.steps[4].days[0]), (7, 8.0));
}

#[test]
fn an_agent_is_left_out_and_a_quantity_multiplied() {
    let without = made("change = \"given\"\ndrugs = [\"serum\", \"poison\"]\n", 0.0);
    assert_eq!(without.steps.len(), 3);
    let less = made(
        "change = \"set_times\"\nquantity = \"cd34_dose\"\nkinds = [\"collect\"]\nlow = 0.5\nhigh = 1\n",
        0.5,
    );
    let times = less.steps[0].set.last().map(|setting| (setting.target.text.as_str(), &setting.value));
    assert!(matches!(times, Some(("cd34_dose", SettingValue::Times(number))) if number.value == 0.5));
}

#[test]
fn a_product_is_chosen_and_the_cards_values_are_known() {
    let text = format!(
        "[[search.vary]]\nname = \"x\"\ntitle = \"X\"\nchange = \"product\"\nproducts = [\"whole\", \"pure\"]\n\
         [[search.vary]]\nname = \"y\"\ntitle = \"Y\"\nchange = \"dose\"\ndrugs = [\"poison\"]\nlow = 0\nhigh = 9\n{OBJECTIVE}"
    );
    let (space, problems) = space(&text);
    assert_eq!(problems, Vec::<String>::new());
    let products: BTreeMap<_, _> = ["whole", "pure"].map(|id| (id.to_string(), product(id))).into();
    let drugs = BTreeMap::new();
    let shelf = Shelf { drugs: &drugs, products: &products };
    assert_eq!(space.values_of(&arm(), shelf), [0.0, 50.0]);
    let made = space.apply(&[1.0, 50.0], &arm(), shelf).expect("a regimen comes out");
    assert_eq!(made.product.expect("it has one").id.text, "pure");
    assert!(space.apply(&[2.0, 50.0], &arm(), shelf).is_err());
    assert!(space.apply(&[0.0, f64::NAN], &arm(), shelf).is_err());
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let (_, problems) = space(
        "[[search.vary]]\nname = \"x\"\ntitle = \"X\"\nchange = \"dosis\"\nlow = 1\nhigh = 2\n\
         [[search.vary]]\nname = \"x\"\ntitle = \"X\"\nchange = \"dose\"\nlow = 3\nhigh = 2\ndrug = \"poison\"\n\
         [[search.vary]]\nname = \"z\"\ntitle = \"Z\"\nchange = \"repeats\"\nlow = 1\nhigh = 2.5\n\
         [[search.objective]]\nname = \"o\"\ntitle = \"O\"\naim = \"less\"\n",
    );
    let expected = [
        "31:10 `change` cannot be `dosis`",
        "39:8 `high` 2 is not above `low` 3",
        "40:1 unknown key `drug` in `vary`",
        "46:8 `high` is 2.5, must be a whole number: it counts",
        "47:1 `objective` lacks `endpoint` or `formula`",
        "50:7 `aim` cannot be `less`",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn formulas_of_variables_and_objectives() {
    let text = format!(
        "[[search.vary]]\nname = \"n\"\ntitle = \"N\"\nchange = \"repeats\"\nlow = 1\nhigh = 4\ndrugs = [\"poison\"]\n\
         [[search.constraint]]\nname = \"few\"\nwhen = \"n * 2 <= 6\"\n{OBJECTIVE}\
         [[search.objective]]\nname = \"cost\"\ntitle = \"C\"\nformula = \"100 * n + o\"\naim = \"minimize\"\n"
    );
    let (space, problems) = space(&text);
    assert_eq!(problems, Vec::<String>::new());
    let (formulas, problems) = Formulas::of(&space);
    let formulas = formulas.unwrap_or_else(|| panic!("{problems:?}"));
    assert_eq!((formulas.constraints(&[3.0]), formulas.constraints(&[4.0])), (vec![true], vec![false]));
    assert_eq!(formulas.objective(1, &[3.0], &[7.0]), Some(307.0));
    assert_eq!(formulas.objective(0, &[3.0], &[7.0]), None);
    // What could not be read is known by name: its own problem is enough.
    let (space, problems) = self::space(&text.replace("change = \"repeats\"", "change = \"repeat\""));
    assert_eq!((problems.len(), Formulas::of(&space).1.len()), (1, 0), "{problems:?}");
    let (space, _) = self::space(&text.replace("100 * n + o", "100 * m"));
    let (none, problems) = Formulas::of(&space);
    assert!(none.is_none() && problems.len() == 1, "{problems:?}");
}

#[test]
fn an_objective_may_be_shown_alone_but_not_all_of_them() {
    let vary = "[[search.vary]]\nname = \"n\"\ntitle = \"N\"\nchange = \"repeats\"\nlow = 1\nhigh = 4\ndrugs = [\"poison\"]\n";
    let optional = |name: &str| {
        format!("{}optional = true\n", OBJECTIVE.replace("name = \"o\"", &format!("name = \"{name}\"")))
    };
    let (space, problems) = space(&format!("{vary}{OBJECTIVE}{}", optional("p")));
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(space.objectives.iter().map(|one| one.optional).collect::<Vec<_>>(), [false, true]);
    let (_, problems) = self::space(&format!("{vary}{}", optional("p")));
    assert_eq!(problems, ["35:1 every objective is `optional`: a search needs one that is an aim unasked"]);
}
