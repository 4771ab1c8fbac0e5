//! Each event rule on patients written by hand. Visits every 100 days from the entry on day 0 to day 600.

use super::*;
use crate::outcomes::ending::DAYS_PER_YEAR;
use regraft_trial::endpoint::{After, Baseline, Side, Toward};

const DAYS: [f64; 7] = [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0];

fn grid() -> Grid {
    Grid::new(0.0, 600.0, &DAYS, &DAYS, &DAYS)
}

fn daily() -> Grid {
    let days: Vec<f64> = (1..=40).map(f64::from).collect();
    Grid::new(0.0, 600.0, &[], &[], &days)
}

fn times(events: Vec<CompiledEvent>) -> CompiledEndpoint {
    let kind = CompiledKind::TimeToEvent { events, competing: Vec::new(), censor: Vec::new(), by_day: None };
    endpoint(kind)
}

fn endpoint(kind: CompiledKind) -> CompiledEndpoint {
    CompiledEndpoint {
        kind,
        zero: 0.0,
        day_zero: 0.0,
        only_grafted: false,
        only_reached: false,
        horizon: 600.0,
    }
}

fn rule(what: What) -> CompiledEvent {
    CompiledEvent { earliest_day: 0.0, what }
}

fn worse(by: f64, confirmed_after_days: Option<f64>) -> What {
    What::ScoreChange {
        score: 0,
        higher_is_worse: true,
        toward: Toward::Worse,
        by,
        high: None,
        confirmed_after_days,
        baseline: Baseline::Entry,
    }
}

/// Time and status.
fn ends(endpoint: &CompiledEndpoint, grid: &Grid, patient: &Observed) -> (f64, u8) {
    let found = endpoint.time_to_event(grid, patient).expect("the patient counts");
    (found.time, found.status)
}

fn with_score(what: What, values: [f64; 7]) -> (f64, u8) {
    ends(&times(vec![rule(what)]), &grid(), &Observed::quiet(600.0).with_score(&values))
}

#[test]
fn worsening_counts_at_the_first_visit_that_shows_it() {
    assert_eq!(with_score(worse(1.0, None), [2.0, 2.5, 3.0, 2.0, 2.0, 2.0, 2.0]), (200.0, 1));
    assert_eq!(with_score(worse(1.0, None), [2.0, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5]), (600.0, 0));
}

#[test]
fn worsening_that_passes_is_not_confirmed() {
    let passing = [2.0, 2.0, 3.0, 3.0, 2.0, 2.0, 2.0];
    assert_eq!(with_score(worse(1.0, Some(200.0)), passing), (600.0, 0));
    // Every visit up to the confirming one must show it: day 200 fails at 300, day 400 is confirmed at 600.
    let dip_between = [2.0, 2.0, 3.0, 2.5, 3.0, 3.0, 3.0];
    assert_eq!(with_score(worse(1.0, Some(200.0)), dip_between), (400.0, 1));
}

#[test]
fn worsening_without_a_later_visit_is_not_counted() {
    assert_eq!(with_score(worse(1.0, Some(100.0)), [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 4.0]), (600.0, 0));
    // The confirming visit exists in the plan, but the patient is gone before it.
    let patient = Observed::quiet(550.0).with_score(&[2.0, 2.0, 2.0, 2.0, 2.0, 4.0, 4.0]);
    assert_eq!(ends(&times(vec![rule(worse(1.0, Some(100.0)))]), &grid(), &patient), (550.0, 0));
}

#[test]
fn a_visit_a_week_early_confirms() {
    assert_eq!(with_score(worse(1.0, Some(107.0)), [2.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0]), (100.0, 1));
    assert_eq!(with_score(worse(1.0, Some(108.0)), [2.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0]), (600.0, 0));
}

/// A confirmed event stands on its first day but is known on its last: who stops looking in between sees none.
#[test]
fn a_confirmed_event_is_not_seen_before_its_confirmation() {
    let endpoint = times(vec![rule(worse(1.0, Some(200.0))), rule(What::ModelEvent(3))]);
    let mut patient = Observed::quiet(600.0).with_score(&[2.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0]);
    let found = endpoint.time_to_event(&grid(), &patient).unwrap();
    assert_eq!((found.time, found.status, found.known), (200.0, 1, 400.0));
    let seen = |found: TimeToEvent, last: f64| found.followed_to(last).map(|end| (end.time, end.status));
    assert_eq!(seen(found, 150.0), Some((150.0, 0)));
    assert_eq!(seen(found, 399.0), Some((399.0, 0)));
    assert_eq!(seen(found, 400.0), Some((200.0, 1)));
    assert_eq!(seen(found, -1.0), None);
    // What is seen at once is seen meanwhile.
    patient.events.push((300.0, 3));
    let found = endpoint.time_to_event(&grid(), &patient).unwrap();
    assert_eq!(seen(found, 299.0), Some((299.0, 0)));
    assert_eq!(seen(found, 350.0), Some((300.0, 1)));
    assert_eq!(seen(found, 400.0), Some((200.0, 1)));
}

#[test]
fn improvement_and_scales_on_which_lower_is_worse() {
    let what = |higher_is_worse, toward| What::ScoreChange {
        score: 0,
        higher_is_worse,
        toward,
        by: 1.0,
        high: None,
        confirmed_after_days: None,
        baseline: Baseline::Entry,
    };
    let falls = [4.0, 4.0, 3.5, 3.0, 4.0, 5.0, 4.0];
    assert_eq!(with_score(what(true, Toward::Better), falls), (300.0, 1));
    assert_eq!(with_score(what(false, Toward::Worse), falls), (300.0, 1));
    assert_eq!(with_score(what(true, Toward::Worse), falls), (500.0, 1));
    assert_eq!(with_score(what(false, Toward::Better), falls), (500.0, 1));
}

#[test]
fn a_baseline_day_is_the_visit_within_a_week_of_it() {
    let what = |day| What::ScoreChange {
        score: 0,
        higher_is_worse: true,
        toward: Toward::Worse,
        by: 1.0,
        high: None,
        confirmed_after_days: None,
        baseline: Baseline::Day(day),
    };
    let score = [2.0, 4.0, 4.0, 4.5, 5.0, 5.0, 5.0];
    assert_eq!(with_score(what(106.0), score), (400.0, 1));
    assert_eq!(
        with_score(what(120.0), score),
        (600.0, 0),
        "no visit is near day 120, so nothing is compared"
    );
}

#[test]
fn from_a_high_baseline_a_smaller_step_counts() {
    let what = || What::ScoreChange {
        score: 0,
        higher_is_worse: true,
        toward: Toward::Worse,
        by: 1.0,
        high: Some((5.5, 0.5)),
        confirmed_after_days: None,
        baseline: Baseline::Entry,
    };
    assert_eq!(with_score(what(), [5.5, 5.5, 6.0, 6.0, 6.0, 6.0, 6.0]), (200.0, 1));
    assert_eq!(with_score(what(), [5.0, 5.0, 5.5, 6.0, 6.0, 6.0, 6.0]), (300.0, 1));
}

#[test]
fn nothing_before_the_earliest_day_counts() {
    let late = |what, earliest_day| times(vec![CompiledEvent { earliest_day, what }]);
    let patient = Observed::quiet(600.0)
        .with_score(&[2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0])
        .with_count(&[0, 2, 0, 0, 1, 0, 0]);
    assert_eq!(ends(&late(worse(1.0, Some(100.0)), 250.0), &grid(), &patient), (300.0, 1));
    // Lesions of the first scan belong to the new baseline.
    let lesions = || What::NewCount { count: 0, at_least: 1, each: false };
    assert_eq!(ends(&late(lesions(), 0.0), &grid(), &patient), (100.0, 1));
    assert_eq!(ends(&late(lesions(), 150.0), &grid(), &patient), (400.0, 1));
    assert_eq!(
        ends(&late(What::NewCount { count: 0, at_least: 2, each: false }, 150.0), &grid(), &patient),
        (600.0, 0)
    );
}

#[test]
fn every_item_of_a_scan_counts_in_a_rate_that_asks_for_each() {
    let patient = Observed::quiet(600.0).with_count(&[0, 2, 0, 0, 3, 0, 0]);
    let rate = |each| {
        let events = vec![rule(What::NewCount { count: 0, at_least: 1, each })];
        let endpoint = endpoint(CompiledKind::Rate { events, from_day: 0.0, to_day: None });
        endpoint.rate(&grid(), &patient).expect("the patient counts")
    };
    assert_eq!((rate(false).days.len(), rate(true).days.len()), (2, 5));
    // Between two scans nothing is known: neither what happened nor that nothing did.
    let years = |to: f64| to / DAYS_PER_YEAR;
    assert_eq!(rate(true).followed_to(399.0), Some((2.0, years(300.0))));
    assert_eq!(rate(true).followed_to(400.0), Some((5.0, years(400.0))));
}

#[test]
fn items_of_a_scan_after_the_last_day_are_not_seen() {
    let patient = Observed::quiet(350.0).with_count(&[0, 0, 0, 0, 3, 0, 0]);
    let endpoint = times(vec![rule(What::NewCount { count: 0, at_least: 1, each: false })]);
    assert_eq!(ends(&endpoint, &grid(), &patient), (350.0, 0));
}

#[test]
fn the_entry_is_not_a_visit_that_shows_something_new() {
    let endpoint = times(vec![rule(What::NewCount { count: 0, at_least: 0, each: false })]);
    let patient = Observed::quiet(600.0).with_count(&[0; 7]);
    assert_eq!(ends(&endpoint, &grid(), &patient), (100.0, 1));
}

fn lab(side: Side, value: f64, for_days: f64, after: After) -> CompiledEndpoint {
    times(vec![rule(What::Threshold { of: SeriesOf::Lab(0), side, value, for_days, after })])
}

/// Daily values: `high` on day 0, then as given, then `rest`.
fn daily_values(first: &[f64], rest: f64) -> Observed {
    let mut values = first.to_vec();
    values.resize(41, rest);
    Observed::quiet(600.0).with_lab(&values)
}

#[test]
fn a_threshold_needs_its_days_on_end() {
    // Above on days 3 and 4, not 5; then from day 6.
    let patient = daily_values(&[0.0, 0.0, 0.0, 1.0, 1.0, 0.0], 1.0);
    assert_eq!(ends(&lab(Side::Above, 0.5, 3.0, After::TimeZero), &daily(), &patient), (6.0, 1));
    assert_eq!(ends(&lab(Side::Above, 0.5, 2.0, After::TimeZero), &daily(), &patient), (3.0, 1));
    assert_eq!(ends(&lab(Side::Above, 0.5, 0.0, After::TimeZero), &daily(), &patient), (3.0, 1));
    assert_eq!(ends(&lab(Side::Above, 1.0, 0.0, After::TimeZero), &daily(), &patient), (600.0, 0));
    assert_eq!(ends(&lab(Side::Below, 0.5, 1.0, After::TimeZero), &daily(), &patient), (0.0, 1));
}

#[test]
fn a_threshold_is_known_on_the_last_of_its_days() {
    let endpoint = lab(Side::Above, 0.5, 3.0, After::TimeZero);
    let found = endpoint.time_to_event(&daily(), &daily_values(&[0.0; 6], 1.0)).unwrap();
    assert_eq!((found.time, found.known), (6.0, 8.0));
}

#[test]
fn a_gap_in_visits_is_bridged_only_by_both_its_sides() {
    let grid = Grid::new(0.0, 600.0, &[], &[], &[1.0, 2.0, 30.0, 31.0, 60.0]);
    let endpoint = lab(Side::Above, 0.5, 3.0, After::TimeZero);
    let on = |values: &[f64]| ends(&endpoint, &grid, &Observed::quiet(600.0).with_lab(values));
    // Above on day 2 and again on day 30: no measured day says otherwise.
    assert_eq!(on(&[0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), (2.0, 1));
    assert_eq!(on(&[0.0, 1.0, 1.0, 0.0, 1.0, 1.0]), (31.0, 1));
    // The last day alone: nothing shows that it lasted.
    assert_eq!(on(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), (600.0, 0));
}

#[test]
fn a_stretch_cut_by_death_does_not_count() {
    let mut values = vec![0.0; 41];
    values[10] = 1.0;
    values[11] = 1.0;
    values[12..].fill(f64::NAN);
    let patient = Observed::quiet(600.0).with_lab(&values).dying(11.5);
    assert_eq!(ends(&lab(Side::Above, 0.5, 3.0, After::TimeZero), &daily(), &patient), (11.5, 0));
}

#[test]
fn recovery_is_looked_for_after_the_nadir() {
    // Above until day 4, lowest on day 7, above again from day 10.
    let course = [4.0, 4.0, 3.0, 2.0, 1.0, 0.3, 0.2, 0.1, 0.2, 0.4];
    let patient = daily_values(&course, 2.0);
    assert_eq!(ends(&lab(Side::Above, 0.5, 3.0, After::TimeZero), &daily(), &patient), (0.0, 1));
    assert_eq!(ends(&lab(Side::Above, 0.5, 3.0, After::Nadir), &daily(), &patient), (10.0, 1));
    // The nadir is that after day zero; what was lower before does not matter.
    let endpoint = CompiledEndpoint { day_zero: 8.0, zero: 8.0, ..lab(Side::Above, 0.5, 3.0, After::Nadir) };
    let at_day_zero = daily_values(&course, 2.0);
    assert_eq!(ends(&endpoint, &daily(), &at_day_zero), (2.0, 1), "days count from day zero");
    // Looking for `below`, the extreme is the highest value.
    let mirrored: Vec<f64> = course.iter().map(|x| -x).collect();
    let patient = daily_values(&mirrored, -2.0);
    assert_eq!(ends(&lab(Side::Below, -0.5, 3.0, After::Nadir), &daily(), &patient), (10.0, 1));
}

#[test]
fn a_threshold_after_day_zero_ignores_what_was_before() {
    let endpoint = CompiledEndpoint { day_zero: 20.0, ..lab(Side::Above, 0.5, 1.0, After::DayZero) };
    assert_eq!(ends(&endpoint, &daily(), &daily_values(&[1.0; 41], 1.0)), (20.0, 1));
}

#[test]
fn a_threshold_can_look_at_a_value_without_error() {
    let what = What::Threshold {
        of: SeriesOf::Other(0),
        side: Side::Below,
        value: 2.0,
        for_days: 1.0,
        after: After::TimeZero,
    };
    let patient = Observed::quiet(600.0).with_other(&[3.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(ends(&times(vec![rule(what)]), &grid(), &patient), (200.0, 1));
}

#[test]
fn a_threshold_can_look_at_a_score_as_it_was_read() {
    let what = |for_days| What::Threshold {
        of: SeriesOf::Score(0),
        side: Side::Below,
        value: 150.0,
        for_days,
        after: After::TimeZero,
    };
    let remission = [300.0, 140.0, 200.0, 120.0, 110.0, 100.0, 90.0];
    assert_eq!(with_score(what(0.0), remission), (100.0, 1));
    assert_eq!(with_score(what(150.0), remission), (300.0, 1));
    let still = CompiledEvent { earliest_day: 200.0, what: what(0.0) };
    let patient = Observed::quiet(600.0).with_score(&remission);
    assert_eq!(ends(&times(vec![still]), &grid(), &patient), (300.0, 1));
}

fn part(what: What) -> Part {
    Part { earliest_day: 0.0, what, absent: false }
}

/// Off steroids and in remission, never rescued: all at one visit.
#[test]
fn all_parts_hold_at_one_visit() {
    let below =
        |of, value| What::Threshold { of, side: Side::Below, value, for_days: 0.0, after: After::TimeZero };
    let parts = |more: Vec<Part>| {
        let both = [part(below(SeriesOf::Score(0), 150.0)), part(below(SeriesOf::Other(0), 1.0))];
        times(vec![rule(What::All { of: both.into_iter().chain(more).collect(), for_days: 0.0 })])
    };
    let mut patient = Observed::quiet(600.0)
        .with_score(&[300.0, 100.0, 200.0, 100.0, 100.0, 100.0, 100.0])
        .with_other(&[40.0, 20.0, 0.0, 5.0, 0.0, 0.0, 0.0]);
    assert_eq!(ends(&parts(Vec::new()), &grid(), &patient), (400.0, 1));
    let better = What::ScoreChange {
        score: 0,
        higher_is_worse: true,
        toward: Toward::Better,
        by: 250.0,
        high: None,
        confirmed_after_days: None,
        baseline: Baseline::Entry,
    };
    assert_eq!(ends(&parts(vec![part(better)]), &grid(), &patient), (600.0, 0));
    patient.acted.push((350.0, 2));
    let rescue = |absent| Part { absent, ..part(What::Decision(vec![2])) };
    assert_eq!(ends(&parts(vec![rescue(true)]), &grid(), &patient), (600.0, 0));
    assert_eq!(ends(&parts(vec![rescue(false)]), &grid(), &patient), (400.0, 1));
    // Nothing is seen after the end, though nothing has happened there.
    let gone =
        Observed::quiet(350.0).with_score(&[0.0; 7]).with_other(&[40.0, 40.0, 40.0, 40.0, 0.0, 0.0, 0.0]);
    assert_eq!(ends(&parts(Vec::new()), &grid(), &gone), (350.0, 0));
}

#[test]
fn death_counts_within_its_days() {
    let death = |within_days| times(vec![rule(What::Death { within_days })]);
    let patient = Observed::quiet(600.0).dying(120.0);
    assert_eq!(ends(&death(None), &grid(), &patient), (120.0, 1));
    assert_eq!(ends(&death(Some(120.0)), &grid(), &patient), (120.0, 1));
    assert_eq!(ends(&death(Some(100.0)), &grid(), &patient), (120.0, 0));
    let late_clock = CompiledEndpoint { zero: 45.0, ..death(Some(100.0)) };
    assert_eq!(ends(&late_clock, &grid(), &patient), (75.0, 1), "within days of the clock");
}

/// With time zero at the graft and everybody counted, those who die on the way to it have died on day 0.
#[test]
fn a_death_before_the_clock_starts_stands_at_day_zero() {
    let death = times(vec![rule(What::Death { within_days: None })]);
    assert_eq!(ends(&death, &grid(), &Observed::quiet(600.0).dying(-5.0)), (0.0, 1));
    let competing = CompiledKind::TimeToEvent {
        events: vec![rule(What::ModelEvent(0))],
        competing: vec![rule(What::Death { within_days: None })],
        censor: Vec::new(),
        by_day: None,
    };
    assert_eq!(ends(&endpoint(competing), &grid(), &Observed::quiet(600.0).dying(-5.0)), (0.0, 2));
    // A clock of day zero holds only those who reach it.
    let of_day_zero = CompiledEndpoint { zero: 45.0, only_reached: true, ..death };
    assert_eq!(of_day_zero.time_to_event(&grid(), &Observed::quiet(600.0).dying(44.0)), None);
    assert_eq!(ends(&of_day_zero, &grid(), &Observed::quiet(600.0).dying(45.0)), (0.0, 1));
}

#[test]
fn decisions_count_by_their_rules() {
    let mut patient = Observed::quiet(600.0);
    patient.acted = vec![(50.0, 1), (80.0, 4), (90.0, 2)];
    let decided = |rules: Vec<u32>| times(vec![rule(What::Decision(rules))]);
    assert_eq!(ends(&decided(vec![2, 4]), &grid(), &patient), (80.0, 1));
    assert_eq!(ends(&decided(vec![7]), &grid(), &patient), (600.0, 0));
    assert_eq!(ends(&decided(Vec::new()), &grid(), &patient), (600.0, 0), "an arm without such a rule");
}

#[test]
fn no_graft_is_an_event_of_the_planned_day() {
    let ungrafted = |what| CompiledEndpoint { day_zero: 45.0, ..times(vec![rule(what)]) };
    let mut patient = Observed::quiet(600.0);
    assert_eq!(ends(&ungrafted(What::NoGraft), &grid(), &patient), (45.0, 1));
    assert_eq!(ends(&ungrafted(What::Never), &grid(), &patient), (600.0, 0), "an arm without a graft");
    patient.grafted = true;
    assert_eq!(ends(&ungrafted(What::NoGraft), &grid(), &patient), (600.0, 0));
    // Who dies before the planned day has died, not missed a graft.
    assert_eq!(ends(&ungrafted(What::NoGraft), &grid(), &Observed::quiet(600.0).dying(30.0)), (30.0, 0));
}

fn rivals(by_day: Option<f64>) -> CompiledEndpoint {
    endpoint(CompiledKind::TimeToEvent {
        events: vec![rule(What::ModelEvent(0))],
        competing: vec![rule(What::ModelEvent(1))],
        censor: vec![rule(What::ModelEvent(2))],
        by_day,
    })
}

fn happening(events: &[(f64, u32)]) -> Observed {
    let mut patient = Observed::quiet(600.0);
    patient.events = events.to_vec();
    patient
}

#[test]
fn the_first_ending_wins_and_on_one_day_the_event_before_the_rival_before_censoring() {
    let on = |events: &[(f64, u32)]| ends(&rivals(None), &grid(), &happening(events));
    assert_eq!(on(&[(10.0, 0), (20.0, 1), (30.0, 2)]), (10.0, 1));
    assert_eq!(on(&[(10.0, 1), (20.0, 0), (30.0, 2)]), (10.0, 2));
    assert_eq!(on(&[(10.0, 2), (20.0, 0), (30.0, 1)]), (10.0, 0));
    assert_eq!(on(&[(10.0, 0), (10.0, 1), (10.0, 2)]), (10.0, 1));
    assert_eq!(on(&[(10.0, 1), (10.0, 2)]), (10.0, 2));
    assert_eq!(on(&[]), (600.0, 0));
}

#[test]
fn what_a_day_or_the_horizon_cuts_off_is_censored_there() {
    let on = |by_day, events: &[(f64, u32)]| ends(&rivals(by_day), &grid(), &happening(events));
    assert_eq!(on(Some(30.0), &[(30.0, 0)]), (30.0, 1));
    assert_eq!(on(Some(30.0), &[(31.0, 0)]), (30.0, 0));
    let late_clock = CompiledEndpoint { zero: 45.0, ..rivals(None) };
    assert_eq!(ends(&late_clock, &grid(), &happening(&[])), (555.0, 0));
}

#[test]
fn events_before_the_clock_count_only_where_the_rule_says_so() {
    let early = |earliest_day| {
        let what = What::ModelEvent(0);
        CompiledEndpoint { zero: 45.0, ..times(vec![CompiledEvent { earliest_day, what }]) }
    };
    let patient = happening(&[(40.0, 0), (100.0, 0)]);
    assert_eq!(ends(&early(0.0), &grid(), &patient), (55.0, 1));
    assert_eq!(ends(&early(-90.0), &grid(), &patient), (0.0, 1), "it stands at day 0");
    assert_eq!(early(-90.0).first(&early_rule(), &grid(), &patient), Some(-5.0));
}

fn early_rule() -> CompiledEvent {
    CompiledEvent { earliest_day: -90.0, what: What::ModelEvent(0) }
}

#[test]
fn failed_patients_and_those_outside_the_analysis_set_never_count() {
    let everyone = times(vec![rule(What::Death { within_days: None })]);
    let grafted_alone = CompiledEndpoint { only_grafted: true, ..everyone.clone() };
    let mut patient = Observed::quiet(600.0).dying(100.0);
    assert!(everyone.time_to_event(&grid(), &patient).is_some());
    assert!(grafted_alone.time_to_event(&grid(), &patient).is_none());
    patient.grafted = true;
    assert!(grafted_alone.time_to_event(&grid(), &patient).is_some());
    patient.failed = true;
    assert!(everyone.time_to_event(&grid(), &patient).is_none());
    let rate = CompiledKind::Rate { events: Vec::new(), from_day: 0.0, to_day: None };
    assert!(endpoint(rate).rate(&grid(), &patient).is_none());
}

fn rate(from_day: f64, to_day: Option<f64>) -> CompiledEndpoint {
    endpoint(CompiledKind::Rate { events: vec![rule(What::ModelEvent(0))], from_day, to_day })
}

#[test]
fn a_rate_counts_every_event_inside_its_time() {
    let patient = happening(&[(10.0, 0), (20.0, 0), (20.0, 1), (250.0, 0), (599.0, 0)]);
    let counted = |endpoint: &CompiledEndpoint| {
        let found = endpoint.rate(&grid(), &patient).unwrap();
        (found.from, found.to, found.days)
    };
    assert_eq!(counted(&rate(0.0, None)), (0.0, 600.0, vec![10.0, 20.0, 250.0, 599.0]));
    assert_eq!(counted(&rate(20.0, Some(250.0))), (20.0, 250.0, vec![20.0, 250.0]));
    let late_clock = CompiledEndpoint { zero: 20.0, ..rate(0.0, None) };
    assert_eq!(counted(&late_clock), (0.0, 580.0, vec![0.0, 230.0, 579.0]));
}

#[test]
fn a_rate_counts_the_time_under_observation() {
    let mut patient = happening(&[(10.0, 0), (200.0, 0)]);
    patient.end = 300.0;
    let found = rate(0.0, None).rate(&grid(), &patient).unwrap();
    assert_eq!(found.followed_to(f64::INFINITY), Some((2.0, 300.0 / DAYS_PER_YEAR)));
    assert_eq!(found.followed_to(150.0), Some((1.0, 150.0 / DAYS_PER_YEAR)));
    assert_eq!(found.followed_to(0.0), None);
    assert_eq!(rate(300.0, None).rate(&grid(), &patient), None, "nothing is left of the time");
}
