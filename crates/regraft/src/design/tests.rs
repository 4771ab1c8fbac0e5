//! Trials of hand-made pools, where the truth is known.

use regraft_stats::power::schoenfeld_power;
use regraft_stats::sequential::Spending;
use regraft_stats::{Seed, math};
use regraft_trial::trial_file::{FollowUpRule, Inference, RescueRule, Test};

use super::bounds::Bounds;
use super::members::{Assured, Moves, drift_and_luck};
use super::plan::Plan;
use super::pool::{Pool, PoolArm, Seen, Values};
use super::power::{self, Series, Trials};
use super::setting::{Group, Setting};
use super::trial::Deck;
use crate::outcomes::{Counted, TimeToEvent};

/// Two years of follow-up, 100 patients a year, nobody leaves.
fn plan(test: Test) -> Plan {
    Plan {
        endpoint: 0,
        is_harm: true,
        test,
        inference: test.inferences()[0],
        arms: [0, 1],
        at_day: matches!(test, Test::ChiSquare | Test::Logistic | Test::Mmrm).then_some(365.0),
        alpha: 0.05,
        sides: 2,
        allocation: (1, 1),
        patients_per_year: 100.0,
        follow_up: FollowUpRule::Fixed,
        follow_up_days: 730.5,
        horizon_days: 1500.0,
        drop_out_per_year: 0.0,
        missed_visits: 0.0,
        visit_window_days: 0.0,
        looks: Vec::new(),
        spending: Spending::OBrienFleming,
        rescue_marks: Vec::new(),
        rescue: RescueRule::TreatmentPolicy,
        cross_over_per_year: 0.0,
        cross_over_from_day: 0.0,
        settings: Vec::new(),
        why: None,
        source: None,
    }
}

/// Numbers 0 … n − 1, mixed.
fn mixed(n: usize, name: &str) -> Vec<usize> {
    let stream = Seed(3).stream(0, name);
    let mut all: Vec<usize> = (0..n).collect();
    (1..n).for_each(|k| all.swap(k, stream.below(k as u64, k + 1)));
    all
}

/// Quantiles of the exponential distribution of `rate` per day, each once, mixed: the pool itself has no error.
fn exponential(n: usize, rate: f64, name: &str) -> Vec<f64> {
    mixed(n, name).into_iter().map(|k| -math::ln(1.0 - (k as f64 + 0.5) / n as f64) / rate).collect()
}

const HAZARD: f64 = 0.4 / 365.25;

fn pool(arms: [Seen; 2]) -> Pool {
    let n = match &arms[0] {
        Seen::Times(times) => times.len(),
        Seen::Counts(counts) => counts.len(),
        Seen::Values(values) => values.baseline.len(),
    };
    let arms = arms.map(|seen| PoolArm { zero: 0.0, seen, until: vec![f64::INFINITY; n] });
    Pool { arms, members: vec![0; n], n_members: 1, screened: n, failed: 0 }
}

/// Times to an event with proportional hazards, death of a tenth of the hazard competing.
fn times(n: usize, ratio: f64) -> Pool {
    let of = |ratio: f64, name: &str| {
        let (events, deaths) = (exponential(n, ratio * HAZARD, name), exponential(n, 0.1 * HAZARD, "deaths"));
        let seen = |(event, death): (f64, f64)| {
            let (time, status) = if event <= death { (event, 1) } else { (death, 2) };
            let (time, status) = if time > 1500.0 { (1500.0, 0) } else { (time, status) };
            Some(TimeToEvent { time, status, known: time, until_known: None })
        };
        Seen::Times(events.into_iter().zip(deaths).map(seen).collect())
    };
    pool([of(1.0, "control"), of(ratio, "treated")])
}

/// Events of a year at a rate that varies between patients.
fn counts(n: usize) -> Pool {
    let seen = |row: u64| {
        let stream = Seed(5).stream(row, "counts");
        let mean = 2.0 * stream.exponential(0);
        let days = (0..stream.poisson(1, mean)).map(|k| 365.25 * stream.uniform(2 + k)).collect();
        Some(Counted { from: 0.0, to: 365.25, days, scans: None })
    };
    let all: Vec<Option<Counted>> = (0..n as u64).map(seen).collect();
    pool([Seen::Counts(all.clone()), Seen::Counts(all)])
}

/// A score at three visits that follows the patient's own level; the treated are better by `gain` at the last.
fn scores(n: usize, gain: f64) -> Pool {
    let of = |gain: f64| {
        let days = [120.0, 240.0, 365.0];
        let mut values = Values { planned: days.to_vec(), ..Values::default() };
        for row in 0..n as u64 {
            let stream = Seed(7).stream(row, "scores");
            let own = stream.normal(0);
            values.baseline.push(own + 0.5 * stream.normal(1));
            for (visit, day) in days.iter().enumerate() {
                let missed = stream.uniform(10 + visit as u64) < 0.1;
                let value = own + 0.5 * stream.normal(2 + visit as u64) - gain * day / 365.0;
                values.values.push(if missed { f64::NAN } else { value });
                values.days.push(*day);
            }
        }
        Seen::Values(values)
    };
    pool([of(0.0), of(gain)])
}

fn trials_of(plan: &Plan, pool: &Pool, n: usize, trials: usize, identical: bool) -> Trials {
    let bounds = Bounds::of(plan);
    let setting = Setting { plan, pool, seed: Seed(1), bounds: &bounds, identical };
    let planned = power::planned_information(&setting, n);
    let wobble = power::wobble(&setting);
    power::run(&setting, Series { n, trials, planned, wobble, within: None }, Some(1), &())
}

/// Proportional hazards: Schoenfeld's formula, at several sizes; and power rises with size.
#[test]
fn power_of_proportional_hazards_is_that_of_the_formula() {
    let (plan, pool) = (plan(Test::LogRank), times(8000, 0.6));
    let mut before = 0.0;
    for n in [60, 120, 240, 400, 600] {
        let found = trials_of(&plan, &pool, n, 3000, false);
        let expected = schoenfeld_power(0.6, found.information, 0.5, 0.05, 2);
        // Three standard errors of 3,000 trials, and what the formula for hazard ratios near one misses at 0.6.
        let allowed = 3.0 * found.error_of_trials + 0.015;
        assert!((found.rejected - expected).abs() < allowed, "{n}: {}, formula {expected}", found.rejected);
        assert!(found.rejected > before, "{n}: {} after {before}", found.rejected);
        before = found.rejected;
    }
    let cox = trials_of(&Plan { test: Test::Cox, ..plan }, &pool, 240, 2000, false);
    let expected = schoenfeld_power(0.6, cox.information, 0.5, 0.05, 2);
    assert!(
        (cox.rejected - expected).abs() < 3.0 * cox.error_of_trials + 0.015,
        "{} {expected}",
        cox.rejected
    );
}

/// Identical arms: every test keeps its type I error. The standard error of 4,000 trials at 5 % is 0.0034; three are
/// allowed, and half a percent for what each test misses at this size.
#[test]
fn identical_arms_are_told_apart_as_often_as_allowed() {
    let tests = [
        (Test::LogRank, times(1500, 0.6)),
        (Test::Cox, times(1500, 0.6)),
        (Test::FineGray, times(1500, 0.6)),
        (Test::ChiSquare, times(1500, 0.6)),
        (Test::Logistic, times(1500, 0.6)),
        (Test::Mmrm, scores(1500, 0.5)),
        (Test::NegativeBinomial, counts(1500)),
    ];
    for (test, pool) in tests {
        let found = trials_of(&Plan { drop_out_per_year: 0.1, ..plan(test) }, &pool, 160, 4000, true);
        assert!((found.rejected - 0.05).abs() < 0.0102 + 0.005, "{}: {}", test.word(), found.rejected);
    }
}

/// Half of the patients have no event; the others have a Poisson number with the mean that `mean` makes of an exponential
/// draw.
fn sparse_counts(n: usize, mean: fn(f64) -> f64) -> Pool {
    let of = |name: &str| {
        let stream = Seed(5).stream(0, name);
        let count = |row: u64| {
            let none = stream.uniform(3 * row) < 0.5;
            let mean = if none { 0.0 } else { mean(stream.exponential(3 * row + 1)) };
            let events = stream.poisson(3 * row + 2, mean) as usize;
            let days = (0..events).map(|k| 364.0 * (k as f64 + 0.5) / events as f64).collect();
            Some(Counted { from: 0.0, to: 365.25, days, scans: None })
        };
        Seen::Counts((0..n as u64).map(count).collect())
    };
    pool([of("control"), of("treated")])
}

/// Level of one p-value under identical arms with 30 patients each. The standard error of 3,000 trials at 5 % is 0.004.
fn level(test: Test, inference: Inference, pool: &Pool) -> f64 {
    let plan = Plan { inference, drop_out_per_year: 0.1, ..plan(test) };
    let trials = if inference == Inference::Permutation { 1000 } else { 3000 };
    trials_of(&plan, pool, 60, trials, true).rejected
}

/// Counts that are not negative binomial: Wald's test rejects far too often where a few patients have nearly all events,
/// and hardly ever where patients have none or many (0.08 and 0.005 by a simulation in Python). What rests on the
/// allocation alone stays near its level, dealt anew it is there.
#[test]
fn counts_that_are_not_negative_binomial_mislead_wald() {
    let (few, even) = (sparse_counts(1200, |draw| 6.0 * draw * draw), sparse_counts(1200, |_| 8.0));
    let of = |inference: Inference, pool: &Pool| level(Test::NegativeBinomial, inference, pool);
    let wald = [&few, &even].map(|pool| of(Inference::Wald, pool));
    assert!(wald[0] > 0.066 && wald[1] < 0.02, "{wald:?}");
    let score = [&few, &even].map(|pool| of(Inference::Score, pool));
    assert!(score.iter().all(|found| (0.018..0.062).contains(found)), "{score:?}");
    let permuted = [&few, &even].map(|pool| of(Inference::Permutation, pool));
    assert!(permuted.iter().all(|found| (found - 0.05).abs() < 0.022), "{permuted:?}");
}

/// Small trials: scores, likelihood ratios and permutations hold their level, exact tests do not exceed it.
#[test]
fn tests_that_are_taken_unasked_hold_their_level_in_small_trials() {
    let pool = times(1500, 0.6);
    for (test, inference) in [
        (Test::FineGray, Inference::Score),
        (Test::ChiSquare, Inference::Score),
        (Test::LogRank, Inference::Permutation),
        (Test::Cox, Inference::LikelihoodRatio),
        (Test::Logistic, Inference::LikelihoodRatio),
    ] {
        let found = level(test, inference, &pool);
        assert!((found - 0.05).abs() < 0.021, "{} by {}: {found}", test.word(), inference.word());
    }
    let (exact, mid) =
        (level(Test::ChiSquare, Inference::Exact, &pool), level(Test::ChiSquare, Inference::MidP, &pool));
    assert!(exact < mid && exact < 0.05 && mid < 0.06, "{exact} {mid}");
}

/// Where the drift of many patients is wanted, a test that has p-values alone gives the score it is made from: their
/// powers are close where trials are large.
#[test]
fn every_p_value_finds_an_effect_that_is_there() {
    let pool = times(3000, 0.55);
    let power = |test: Test, inference: Inference| {
        let plan = Plan { inference, ..plan(test) };
        let found = trials_of(&plan, &pool, 200, 600, false);
        assert!(found.error_of_pool < 0.1 && found.in_favor > 0.95 * found.rejected, "{found:?}");
        found.rejected
    };
    for test in [Test::LogRank, Test::FineGray, Test::ChiSquare, Test::Cox, Test::Logistic] {
        let known = test.inferences();
        let first = power(test, known[0]);
        for inference in &known[1..] {
            let found = power(test, *inference);
            // 600 trials at 70 % have an error of 0.019; an exact test of shares loses some of 100.
            assert!(
                (found - first).abs() < 0.09,
                "{} by {}: {found}, {first}",
                test.word(),
                inference.word()
            );
        }
    }
}

/// Looks spend the type I error over the whole trial, whatever the boundary.
#[test]
fn looks_keep_the_type_one_error() {
    let pool = times(1500, 0.6);
    for (spending, looks) in [
        (Spending::OBrienFleming, vec![0.5]),
        (Spending::Pocock, vec![0.5]),
        (Spending::Pocock, vec![0.3, 0.6]),
    ] {
        let plan = Plan { looks, spending, ..plan(Test::LogRank) };
        let found = trials_of(&plan, &pool, 200, 4000, true);
        assert!((found.rejected - 0.05).abs() < 0.0102 + 0.005, "{spending:?}: {}", found.rejected);
        let with_effect = trials_of(&plan, &pool, 300, 500, false);
        let fixed = trials_of(&Plan { looks: Vec::new(), ..plan.clone() }, &pool, 300, 500, false);
        assert!(with_effect.ended_at[0] > 0.1 && with_effect.days[0] < fixed.days[0], "{with_effect:?}");
        assert!(with_effect.rejected <= fixed.rejected + 0.02);
    }
}

/// Every simulated trial has different patients in its arms, and a larger trial extends a smaller one.
#[test]
fn a_trial_allocates_different_patients() {
    let (plan, pool) = (Plan { allocation: (2, 1), ..plan(Test::LogRank) }, times(500, 0.6));
    let bounds = Bounds::of(&plan);
    let setting = Setting { plan: &plan, pool: &pool, seed: Seed(1), bounds: &bounds, identical: false };
    let mut deck = Deck::of((0..500).collect());
    let large = setting.enroll(&mut deck, 7, 300);
    let small = setting.enroll(&mut deck, 7, 90);
    assert_eq!(large[..90], small[..]);
    let mut rows: Vec<usize> = large.iter().map(|patient| patient.row).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 300, "nobody is in a trial twice");
    assert_eq!(large.iter().filter(|patient| patient.group == Group::Treated).count(), 200);
    assert!(large.windows(2).all(|pair| pair[0].entry <= pair[1].entry));
    assert_ne!(setting.enroll(&mut deck, 8, 90)[..], small[..]);
    // 300 patients at 100 a year enter in three years, give or take a sixth of one.
    assert!((large[299].entry / 365.25 - 3.0).abs() < 0.7, "{}", large[299].entry);
}

/// Half of the patients are given a rescue after 200 days: what comes after it does not count where it censors, which
/// costs events and so power, and no type I error.
#[test]
fn a_rescue_that_censors_costs_events() {
    let (plan, pool) = (plan(Test::LogRank), times(3000, 0.55));
    let mut rescued = pool.clone();
    for arm in &mut rescued.arms {
        arm.until.iter_mut().step_by(2).for_each(|until| *until = 200.0);
    }
    let (ideal, found) =
        (trials_of(&plan, &pool, 200, 1500, false), trials_of(&plan, &rescued, 200, 1500, false));
    // Of 730 days at 0.4 a year half of the patients are seen for 200: 51 and 18 of 100 have an event in the control arm.
    assert!(
        (found.information / ideal.information - 0.7).abs() < 0.06,
        "{} {}",
        found.information,
        ideal.information
    );
    assert!(found.rejected < ideal.rejected - 0.03, "{} {}", found.rejected, ideal.rejected);
    let null = trials_of(&plan, &rescued, 200, 3000, true);
    assert!((null.rejected - 0.05).abs() < 0.017, "{}", null.rejected);
}

/// Leaving, crossing over and a short follow-up cost power; the threads cost nothing.
#[test]
fn what_goes_wrong_in_a_trial_costs_power() {
    let (plan, pool) = (plan(Test::LogRank), times(3000, 0.55));
    let ideal = trials_of(&plan, &pool, 200, 1500, false);
    for worse in [
        Plan { drop_out_per_year: 0.5, ..plan.clone() },
        Plan { cross_over_per_year: 1.0, ..plan.clone() },
        Plan { follow_up_days: 365.0, ..plan.clone() },
    ] {
        let found = trials_of(&worse, &pool, 200, 1500, false);
        assert!(found.rejected < ideal.rejected - 0.03, "{} against {}", found.rejected, ideal.rejected);
    }
    let bounds = Bounds::of(&plan);
    let setting = Setting { plan: &plan, pool: &pool, seed: Seed(1), bounds: &bounds, identical: false };
    let series = Series { n: 100, trials: 200, planned: 1.0, wobble: 0.0, within: None };
    assert_eq!(power::run(&setting, series, Some(1), &()), power::run(&setting, series, Some(3), &()));
}

/// The mixed model finds a difference as often as the formula for its standard error says.
#[test]
fn the_mixed_model_finds_what_is_there() {
    let (plan, pool) = (plan(Test::Mmrm), scores(2000, 0.4));
    let found = trials_of(&plan, &pool, 160, 1000, false);
    // Variance of the last visit given the entry: 1.25 − 1/1.25 = 0.45, a little less with the visits between where it is
    // missing; 10 % are missing.
    let drift = 0.4 / f64::sqrt(0.45 * 4.0 / (160.0 * 0.92));
    let expected = regraft_stats::power::normal_power(drift, 0.05, 2);
    assert!((found.rejected - expected).abs() < 0.05 + 3.0 * found.error(), "{} {expected}", found.rejected);
    assert!(found.in_favor > 0.9 * found.rejected, "lower is better");
}

/// What the pool moves of the power: pools of 400 with other patients scatter as far as is said.
#[test]
fn the_error_of_the_pool_is_what_other_pools_show() {
    let plan = plan(Test::LogRank);
    let one = |seed: u64| {
        let of = |ratio: f64, name: &str| {
            let stream = Seed(seed).stream(0, name);
            let seen = |row: u64| {
                let time = stream.exponential(row) / (ratio * HAZARD);
                let (time, status) = if time > 1500.0 { (1500.0, 0) } else { (time, 1) };
                Some(TimeToEvent { time, status, known: time, until_known: None })
            };
            Seen::Times((0..400).map(seen).collect())
        };
        trials_of(&plan, &pool([of(1.0, "control"), of(0.6, "treated")]), 160, 400, false)
    };
    let found: Vec<Trials> = (0..40).map(one).collect();
    let mean = found.iter().map(|t| t.rejected).sum::<f64>() / 40.0;
    let spread = (found.iter().map(|t| (t.rejected - mean).powi(2)).sum::<f64>() / 39.0).sqrt();
    let said = found.iter().map(Trials::error).sum::<f64>() / 40.0;
    // The standard deviation of 40 values is known to a ninth; the power is no line in the drift.
    assert!((spread / said - 1.0).abs() < 0.4, "{spread} found, {said} said");
}

/// Half of the members say that the treatment works, half that it does not: the assurance is the mean of both powers.
#[test]
fn assurance_is_the_mean_over_members() {
    let plan = plan(Test::LogRank);
    let (works, fails) = (times(2000, 0.4), times(2000, 1.0));
    let mut both = works.clone();
    both.n_members = 2;
    both.members = (0..4000).map(|row| row / 2000).collect();
    for (arm, more) in both.arms.iter_mut().zip(&fails.arms) {
        let (Seen::Times(all), Seen::Times(more)) = (&mut arm.seen, &more.seen) else {
            unreachable!("times")
        };
        all.extend(more.iter().copied());
        arm.until = vec![f64::INFINITY; 4000];
    }
    let bounds = Bounds::of(&plan);
    let setting = Setting { plan: &plan, pool: &both, seed: Seed(1), bounds: &bounds, identical: false };
    let moves = Moves::of(&setting);
    assert!(
        moves.truth > 0.95 && moves.unknown == 0,
        "with 2,000 patients a member has hardly any luck: {moves:?}"
    );
    let planned = power::planned_information(&setting, 200);
    let series = Series { n: 200, trials: 2000, planned, wobble: 0.0, within: Some(&moves) };
    let found = power::run(&setting, series, Some(1), &());
    let [strong, weak] = [found.by_member[0], found.by_member[1]];
    assert!((found.rejected - 0.5 * (strong + weak)).abs() < 1e-12);
    assert!(strong > 0.95 && (weak - 0.05).abs() < 0.03, "{strong} {weak}");
    let assured = Assured::of(&found);
    assert!((assured.mean - found.rejected).abs() < 1e-12 && assured.by_member == [weak, strong]);
    let (low, high) = assured.interval();
    assert!(low < 0.1 && high == 1.0, "of two members hardly anything is known: {low} {high}");
}

/// Members whose hazard ratios are drawn around 0.6, each with few patients: mean and spread of the power are those of
/// the formula over the drawn ratios, while the naive spread of so few patients is far too wide.
#[test]
fn luck_of_few_patients_of_a_member_is_no_doubt_of_the_parameters() {
    let plan = plan(Test::LogRank);
    let (n_members, each) = (60, 60);
    let ratio = |member: usize| 0.6 * math::exp(0.25 * Seed(8).stream(member as u64, "ratio").normal(0));
    let of = |treated: bool| {
        let one = |row: usize| {
            let own = if treated { ratio(row % n_members) } else { 1.0 };
            let name = if treated { "t" } else { "c" };
            let time = Seed(9).stream(row as u64, name).exponential(0) / (own * HAZARD);
            let (time, status) = if time > 1500.0 { (1500.0, 0) } else { (time, 1) };
            Some(TimeToEvent { time, status, known: time, until_known: None })
        };
        Seen::Times((0..n_members * each).map(one).collect())
    };
    let mut pool = pool([of(false), of(true)]);
    pool.members = (0..n_members * each).map(|row| row % n_members).collect();
    pool.n_members = n_members;
    let bounds = Bounds::of(&plan);
    let setting = Setting { plan: &plan, pool: &pool, seed: Seed(1), bounds: &bounds, identical: false };
    let moves = Moves::of(&setting);
    let planned = power::planned_information(&setting, 300);
    let run = |moves: &Moves| {
        let series = Series { n: 300, trials: 250 * n_members, planned, wobble: 0.0, within: Some(moves) };
        Assured::of(&power::run(&setting, series, Some(1), &()))
    };
    let found = run(&moves);
    let by_formula = |member: usize| schoenfeld_power(ratio(member), planned, 0.5, 0.05, 2);
    let mut expected: Vec<f64> = (0..n_members).map(by_formula).collect();
    expected.sort_by(f64::total_cmp);
    let mean = expected.iter().sum::<f64>() / n_members as f64;
    assert!((found.mean - mean).abs() < 0.06, "{} found, {mean} of the drawn ratios", found.mean);
    let width = |all: &[f64]| regraft_stats::quantile(all, 0.9) - regraft_stats::quantile(all, 0.1);
    let naive = run(&Moves { by: vec![0.0; n_members], ..moves.clone() });
    let (own, truth, without) = (width(&found.by_member), width(&expected), width(&naive.by_member));
    assert!((own - truth).abs() < 0.2 && without > own, "{own} found, {truth} true, {without} naive");
    let by_normal = |member: usize| {
        let rows: Vec<u32> = (0..each).map(|k| (k * n_members + member) as u32).collect();
        let (drift, _) = drift_and_luck(&setting, &rows).expect("there are events");
        regraft_stats::power::normal_power((drift + moves.by[member]) * planned.sqrt(), 0.05, 2)
    };
    let approximate = (0..n_members).map(by_normal).sum::<f64>() / n_members as f64;
    assert!((found.mean - approximate).abs() < 0.04, "{} simulated, {approximate} by the normal", found.mean);
}

#[test]
fn the_doubt_of_an_answer_is_split_into_parameters_and_the_rest() {
    let of = |by_member: Vec<f64>, error_of_pool: f64| Trials {
        trials: 100 * by_member.len(),
        rejected: by_member.iter().sum::<f64>() / by_member.len() as f64,
        by_member,
        error_of_pool,
        ..Trials::default()
    };
    // Members of whom each is sure, half of them of the opposite.
    let sure = of((0..40).map(|m| f64::from(m % 2)).collect(), 0.0).split().expect("there are members");
    assert!(sure.parameters > 0.99 && sure.patients_and_chance < 0.01, "{sure:?}");
    // Members who differ as a hundred trials each let them: √(0.25/99) either way.
    let wobble = (0.25_f64 / 99.0).sqrt();
    let alike = of((0..40).map(|m| 0.5 + wobble * (2.0 * f64::from(m % 2) - 1.0)).collect(), 0.0);
    let alike = alike.split().expect("there are members");
    assert!(
        alike.parameters < 0.001 && alike.parameters_low == 0.0 && alike.parameters_high < 0.01,
        "{alike:?}"
    );
    // Half of the variance between members is that of the pool.
    let pool = (0.04_f64 / 2.0 / 40.0).sqrt();
    let half = of((0..40).map(|m| 0.5 + 0.2 * (2.0 * f64::from(m % 2) - 1.0)).collect(), pool);
    let half = half.split().expect("there are members");
    let expected = (0.04 * 40.0 / 39.0 - 0.02 - 0.21 / 99.0) / 0.25;
    assert!((half.parameters - expected).abs() < 1e-9, "{half:?}");
    assert!((half.parameters + half.patients_and_chance - 1.0).abs() < 1e-12);
    assert_eq!(of(vec![0.4], 0.0).split(), None);
}
