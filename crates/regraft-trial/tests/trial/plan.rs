//! The small trial as planned: what is set when, what is given to whom.

use regraft_model::program::{Found, Target};
use regraft_stats::Seed;
use regraft_trial::protocol::{ArmPlan, DoseKind, Factor, PlannedTrigger, Switch};
use regraft_trial::{Evidence, Protocol, Recipe, choose};

use crate::base::{Outcome, run, texts};

fn planned() -> (Outcome, Protocol) {
    let outcome = run(&texts());
    let protocol = outcome.protocol.clone().expect("the small trial is planned");
    (outcome, protocol)
}

fn name(outcome: &Outcome, target: Target) -> &str {
    match target {
        Target::State(index) => &outcome.program.states[index as usize].name,
        Target::Parameter(index) => &outcome.program.parameters[index as usize].name,
    }
}

/// `day target = amount` of each dose.
fn doses(outcome: &Outcome, arm: &ArmPlan) -> Vec<String> {
    let words = |dose: &regraft_trial::protocol::PlannedDose| {
        let kind = match dose.kind {
            DoseKind::Add => "add".to_string(),
            DoseKind::Infuse { duration_days } => format!("infuse over {:.4}", duration_days),
            DoseKind::Set => "set".to_string(),
            DoseKind::Scale => "scale".to_string(),
            DoseKind::SetBetween { above, to } => format!("set in ({above}, {to}]"),
        };
        let factor =
            dose.amount.factor.as_ref().map_or(String::new(), |factor| format!(" × {}", factor.column()));
        let switches: Vec<String> = dose.given_if.iter().map(|switch| format!(" if {switch:?}")).collect();
        let target = name(outcome, dose.target);
        format!("{} {kind} {target} {}{factor}{}", dose.time_days, dose.amount.value, switches.join(""))
    };
    arm.doses.iter().map(words).collect()
}

#[test]
fn doses_are_in_days_from_time_zero_in_the_targets_unit_and_wait_for_the_release() {
    let (outcome, protocol) = planned();
    assert_eq!(
        doses(&outcome, &protocol.arms[0]),
        [
            // 2 g/m² × 1000 mg/g × factor 0.5, before the collection: given to all.
            "15 infuse over 0.0833 poison_amount 1000 × body_surface_m2",
            "25 set collect_now 1",
            // 50 mg/kg × factor 0.5, after the collection: only with a released product.
            "40 infuse over 0.0833 poison_amount 25 × weight if Released",
            "41 infuse over 0.0833 poison_amount 25 × weight if Released",
            "45 set infuse_now 1 if Released",
        ]
    );
}

#[test]
fn a_ladder_is_planned_rung_by_rung_so_that_a_step_takes_one() {
    let mut texts = texts();
    let step = |day: u32, way: &str| {
        format!(
            "\n[[step]]\nkind = \"treat\"\ndays = [{day}]\nset = {{ memory = {{ ladder = [0, 5, 10], step = \
             \"{way}\", unit = \"\", source = \"assumed\", why = \"a test\" }} }}\n"
        )
    };
    let regimen = texts.get_mut("regimens/tablets.toml").expect("it is there");
    regimen.push_str(&(step(400, "down") + &step(500, "up")));
    let outcome = run(&texts);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    let protocol = outcome.protocol.clone().expect("it is planned");
    let on = |day: f64| {
        let rungs = protocol.arms[1].doses.iter().filter(move |dose| dose.time_days == day);
        let kinds = rungs.map(|dose| match dose.kind {
            DoseKind::SetBetween { above, to } => (above, to, dose.amount.value),
            other => panic!("{other:?} is no rung"),
        });
        kinds.collect::<Vec<_>>()
    };
    // Down: from the lowest rung on, so that what was set is no longer above the next.
    assert_eq!(on(400.0), [(0.0, 5.0, 0.0), (5.0, 10.0, 5.0), (10.0, f64::INFINITY, 10.0)]);
    // Up: from the highest rung on; a rung itself goes to the next, the last stays.
    let (five, ten) = (5.0f64.next_down(), 10.0f64.next_down());
    let zero = 0.0f64.next_down();
    assert_eq!(on(500.0), [(five, ten, 10.0), (zero, five, 5.0), (f64::NEG_INFINITY, zero, 0.0)]);
}

#[test]
fn needs_graft_says_otherwise() {
    let mut texts = texts();
    let regimen = texts.get_mut("regimens/transplant.toml").expect("it is there");
    *regimen = regimen
        .replace("days = [-5, -4]", "days = [-5, -4]\nneeds_graft = false")
        .replace("days = [-30]", "days = [-30]\nneeds_graft = true")
        .replace("on_event = \"flare\"", "on_event = \"flare\"\nneeds_graft = true");
    let outcome = run(&texts);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    let arm = &outcome.protocol.expect("it is planned").arms[0];
    let gated: Vec<f64> = arm
        .doses
        .iter()
        .filter(|dose| dose.given_if == [Switch::Released])
        .map(|dose| dose.time_days)
        .collect();
    assert_eq!(gated, [15.0, 45.0]);
    assert_eq!(arm.rules[1].given_if, [Switch::Released]);
}

#[test]
fn each_option_of_a_choice_sets_its_own_parameters_and_ends() {
    let (outcome, protocol) = planned();
    let arm = &protocol.arms[1];
    assert_eq!(arm.choices[0].stream, "choice:tablets:0");
    assert_eq!(arm.choices[0].weights, [3.0, 1.0]);
    let tablet = "if Chose { choice: 0, option: 0 }";
    let capsule = "if Chose { choice: 0, option: 1 }";
    assert_eq!(
        doses(&outcome, arm),
        [
            format!("0 set tablet_effect 1 × tablet.tablet_effect {tablet}"),
            format!("0 set tablet_level 1 {tablet}"),
            format!("0 set tablet_effect 0.8 {capsule}"),
            format!("0 set tablet_level 2 {capsule}"),
            format!("300 set tablet_level 0 {tablet}"),
            format!("300 set tablet_level 0 {capsule}"),
        ]
    );
}

#[test]
fn arms_know_their_start_graft_and_visits() {
    let (_, protocol) = planned();
    let [graft, tablets] = protocol.arms.as_slice() else { panic!("two arms") };
    assert_eq!((graft.start_days, graft.day_zero_days, graft.graft_days), (0.0, 45.0, Some(45.0)));
    assert_eq!((tablets.start_days, tablets.graft_days), (0.0, None));
    assert_eq!(graft.score_days, [182.5, 365.0, 547.5, 730.0]);
    assert_eq!(graft.imaging_days, [365.0, 730.0]);
    assert_eq!(graft.lab_days, [45.0, 46.0, 47.0, 48.0, 51.0, 54.0]);
    assert_eq!(graft.release.len(), 1);
}

#[test]
fn a_step_before_time_zero_starts_the_arm_earlier() {
    let mut texts = texts();
    let trial = texts.get_mut("trials/toy_trial.toml").expect("it is there");
    *trial = trial.replace("day_zero_at = 45", "day_zero_at = 0").replace("\"randomisation\"", "\"graft\"");
    let outcome = run(&texts);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    assert_eq!(outcome.protocol.expect("it is planned").arms[0].start_days, -30.0);
}

#[test]
fn the_start_holds_the_disease_and_the_traits_which_win() {
    let (outcome, protocol) = planned();
    let settings: Vec<(&str, f64, Option<&str>)> = protocol
        .settings
        .iter()
        .map(|one| {
            (name(&outcome, one.target), one.amount.value, one.amount.factor.as_ref().map(Factor::column))
        })
        .collect();
    assert_eq!(
        settings,
        [
            ("activity", 1.0, Some("activity")),
            ("clearance", 0.5, None),
            ("memory", 20.0, None),
            ("age", 1.0, Some("age")),
            ("weight", 1.0, Some("weight")),
        ]
    );
    let own = &protocol.arms[0].settings;
    // The tablet is started by a rule only and brings its parameters then.
    assert_eq!(own.iter().map(|one| name(&outcome, one.target)).collect::<Vec<_>>(), ["graft_dose"]);
    assert_eq!(own[0].amount.factor.as_ref().map(Factor::column), Some("own_cells.cells_per_kg"));
    assert_eq!(protocol.burn_in.as_ref().map(|phase| phase.days), Some(100.0));
    assert_eq!(protocol.run_in.as_ref().map(|phase| phase.settings.len()), Some(1));
    assert_eq!(protocol.eligibility.len(), 2);
    assert_eq!(protocol.eligibility[1].name, "a flare in the year before");
}

#[test]
fn rules_have_times_windows_conditions_and_actions() {
    let (outcome, protocol) = planned();
    let [growth, rescue] = protocol.arms[0].rules.as_slice() else { panic!("two rules") };
    let PlannedTrigger::Times(times) = &growth.trigger else { panic!("asked every day") };
    assert_eq!((times.len(), times[0], times[16]), (17, 50.0, 66.0));
    assert_eq!(growth.given_if, [Switch::Released]);
    let until = growth.until.expect("it ends at recovery") as usize;
    assert_eq!(outcome.program.observables[until].name, "rule_transplant_growth_until_recovery_until");
    // 5 µg/kg of a drug whose target is per kg: no multiplication by the weight.
    assert_eq!((growth.actions[0].amount.value, &growth.actions[0].amount.factor), (5.0, &None));
    assert_eq!(rescue.from_days, 105.0);
    assert_eq!(rescue.to_days, 730.0);
    assert_eq!(
        (rescue.max_times, rescue.refractory_days, rescue.marks.as_deref()),
        (Some(1), 30.0, Some("rescue"))
    );
    assert!(
        matches!(rescue.trigger, PlannedTrigger::Event(event) if outcome.program.events[event as usize].name == "flare")
    );
    assert_eq!(rescue.given_if, []);
    assert_eq!(rescue.actions.len(), 2, "the drug's parameter, then its level");

    let [change] = protocol.arms[1].rules.as_slice() else { panic!("one option, one rule") };
    assert_eq!(change.given_if, [Switch::Chose { choice: 1, option: 0 }]);
    assert_eq!(change.title, "Change after a flare: Capsule");
    let set: Vec<(&str, f64)> =
        change.actions.iter().map(|action| (name(&outcome, action.target), action.amount.value)).collect();
    assert_eq!(set, [("tablet_level", 0.0), ("tablet_effect", 0.8), ("tablet_level", 2.0)]);
}

#[test]
fn measures_and_thresholds_are_found_in_the_program() {
    let (outcome, protocol) = planned();
    let share = protocol.labs.iter().find(|lab| lab.name == "share").expect("the disease has it");
    let Found::Observable(index) = share.observable else { panic!("an expression becomes an observable") };
    assert_eq!(outcome.program.observables[index as usize].name, "measure_share");
    assert_eq!(protocol.watched.observables[0].0, "threshold_recovery_2");
    assert_eq!(protocol.watched.events[0].0, "flare");
    assert!(protocol.terminal_event.is_some());
}

#[test]
fn the_timeline_says_what_is_given_when_in_words() {
    let (_, protocol) = planned();
    let lines: Vec<String> = protocol.arms[0]
        .steps
        .iter()
        .map(|line| {
            format!("{}..{} {} {} ({})", line.from_days, line.to_days, line.title, line.dose, line.source)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "15..15 Poison 2 g/m² (smith2001)",
            "25..25 collect  ()",
            "40..41 Poison 50 mg/kg (smith2001)",
            "45..45 Give the cells back  ()",
            "50..66 Growth factor until recovery 5 µg/kg (smith2001)",
            "105..730 Tablet after a flare 1 (assumed)",
        ]
    );
    assert_eq!(protocol.arms[1].steps[0].title, "Tablet 75 %, Capsule 25 %");
}

#[test]
fn the_recipe_of_a_trial_draws_traits_of_people_products_and_drugs() {
    let (outcome, _) = planned();
    let trial = outcome.trial.expect("it is resolved");
    let recipe = Recipe::of(&trial).expect("the correlations can hold");
    let cohort = recipe.draw_cohort(Seed(1), &[0, 1, 2]);
    let expected = [
        "age",
        "weight",
        "height",
        "female",
        "activity",
        "own_cells.cells_per_kg",
        "tablet.tablet_effect",
        "body_surface_m2",
    ];
    assert_eq!(cohort.names, expected);
    assert_eq!(cohort.values.len(), 3 * expected.len());
}

#[test]
fn choices_follow_their_weights_and_do_not_depend_on_other_patients() {
    let choose_first = |patient| choose(Seed(7), patient, "choice:tablets:0", &[3.0, 1.0]) == 0;
    let share = (0..4000).filter(|patient| choose_first(*patient)).count() as f64 / 4000.0;
    // Four standard errors of a share of 0.75 in 4,000 draws.
    assert!((share - 0.75).abs() < 4.0 * (0.75_f64 * 0.25 / 4000.0).sqrt(), "{share}");
    assert_eq!(choose(Seed(7), 5, "choice:tablets:0", &[0.0, 1.0, 0.0]), 1);
}

#[test]
fn a_treatment_that_ends_brings_no_parameters() {
    let mut texts = texts();
    let regimen = texts.get_mut("regimens/transplant.toml").expect("it is there");
    regimen.push_str("\n[[step]]\nkind = \"stop_treatment\"\ndrug = \"capsule\"\ndays = [-31]\n");
    let outcome = run(&texts);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    let arm = &outcome.protocol.as_ref().expect("it is planned").arms[0];
    assert_eq!(doses(&outcome, arm)[0], "14 set tablet_level 0");
    assert_eq!(arm.settings.len(), 1, "the product's trait alone");
}

#[test]
fn published_values_stand_beside_their_arm_at_their_day() {
    let (mut outcome, _) = planned();
    let arms = "trial_id,arm_id,use,disease,regimen,n,citation,source\nTOY,GRAFT,calibrate,d,r,55,c,s\n";
    let outcomes = "trial_id,arm_id,use,subtype,regimen,n,outcome,definition,time_value,time_unit,value,unit,ci_low,\
        ci_high,ci_level,source,verified,note\n\
        TOY,GRAFT,calibrate,s,r,55,progression,d,1,years,90,percent,80,96,90,s,yes,\n\
        TOY,GRAFT,calibrate,s,r,55,progression,d,1,years,91,percent,,,,recalled,no,\n";
    let (arms, outcomes) =
        (outcome.sources.add("arms.csv", arms), outcome.sources.add("outcomes.csv", outcomes));
    let (evidence, problems) = Evidence::read(&outcome.sources, arms, outcomes);
    assert_eq!(problems, []);
    let trial = outcome.trial.expect("it is resolved");
    let (values, problems) = trial.published(&trial.file.analyses[0], &evidence);
    assert_eq!(problems, []);
    let [value] = values.as_slice() else { panic!("one row may be shown") };
    assert_eq!((value.arm, value.at_day), (0, Some(365.0)));
    assert_eq!((value.value.value, value.value.ci_low, value.value.ci_high), (10.0, Some(4.0), Some(20.0)));
    let (none, problems) = trial.published(&trial.file.analyses[0], &Evidence::default());
    assert!(none.is_empty());
    assert_eq!(problems[0].message, "no row of the evidence is `TOY/GRAFT progression`");
}
