//! A whole study on the toy trial, where the answers are known.

mod bench;
mod bodies;
mod cards;
mod directions;
mod healthy;
mod withdrawal;

use super::toy::{ALL_RELEASED, HIT_RATE, USELESS, folder, one_arm, options, toy};
use super::*;
use crate::findings::Finding;
use crate::outcomes::{Outcome, TimeToEvent};

/// Patients, arms and outcomes of the toy trial.
struct Done {
    trial: Prepared,
    arms: Vec<ArmRun>,
    outcomes: Vec<Vec<Outcome>>,
}

fn simulate(edits: &[(&str, &str, &str)], patients: usize) -> Done {
    let (trial, _) = toy(edits);
    let options = options(patients);
    let seed = Seed(options.seed);
    let entered = Screening::new(&trial, patients).next(patients, seed, &options, &()).unwrap().unwrap();
    let arm = |arm| simulate_arm(&trial, arm, &entered, seed, &options, &()).unwrap();
    let arms: Vec<ArmRun> = (0..trial.protocol.arms.len()).map(arm).collect();
    let of_arm = |(arm, run): (usize, &ArmRun)| assess(&trial.endpoints[arm], &run.grid, &run.observed);
    let outcomes = arms.iter().enumerate().map(of_arm).collect();
    Done { trial, arms, outcomes }
}

impl Done {
    fn outcome(&self, arm: usize, endpoint: &str) -> &Outcome {
        let index = self.trial.endpoint_ids.iter().position(|id| id == endpoint).unwrap();
        &self.outcomes[arm][index]
    }

    /// Times of one endpoint, `[patient]`.
    fn times(&self, arm: usize, endpoint: &str) -> Vec<Option<TimeToEvent>> {
        let Outcome::Times(times) = self.outcome(arm, endpoint) else { panic!("{endpoint} has times") };
        times.clone()
    }

    fn zero(&self, arm: usize, endpoint: &str) -> f64 {
        let index = self.trial.endpoint_ids.iter().position(|id| id == endpoint).unwrap();
        self.trial.endpoints[arm][index].zero
    }
}

/// Equal up to what a dose in between does to the steps of the integrator.
fn alike(a: &[Option<TimeToEvent>], b: &[Option<TimeToEvent>]) -> bool {
    let same = |a: &TimeToEvent, b: &TimeToEvent| a.status == b.status && (a.time - b.time).abs() < 1e-2;
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Some(a), Some(b)) => same(a, b),
            (a, b) => a.is_none() && b.is_none(),
        })
}

fn study(edits: &[(&str, &str, &str)], patients: usize) -> Findings {
    let (trial, library) = toy(edits);
    finish(&trial, &library, &options(patients)).findings
}

/// Runs a trial into a folder that is removed again.
fn finish(trial: &Prepared, library: &Library, options: &RunOptions) -> Run {
    run(trial, library, options, &run_folder(), &()).unwrap()
}

/// A folder of its own; dropped unfinished, it removes what was written.
fn run_folder() -> RunFolder {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let name = format!("regraft-study-{}-{number}", std::process::id());
    RunFolder::create(&std::env::temp_dir().join(name)).unwrap()
}

fn finding<'a>(
    findings: &'a Findings,
    endpoint: &str,
    method: &str,
    arm: &str,
    day: Option<f64>,
) -> &'a Finding {
    let wanted =
        |f: &&Finding| f.endpoint == endpoint && f.method == method && f.arm == arm && f.time_days == day;
    findings.findings.iter().find(wanted).expect("the analysis is in the trial")
}

/// Hits are exponential: S(t) = exp(−λ t), with the shield exp(−λ t / 2) after day 10.
#[test]
fn survival_hazard_ratio_and_rate_are_those_of_the_model() {
    let n = 600;
    let findings = study(&[ALL_RELEASED], n);
    let survival =
        |arm, day| finding(&findings, "hit", "kaplan_meier", arm, Some(day)).estimate.unwrap() / 100.0;
    // Death at 0.0004 per day censors: the number at risk falls by 14 % in a year.
    for day in [182.625, 365.25, 700.0] {
        for (arm, hazard) in [("control", HIT_RATE * day), ("graft", HIT_RATE * (10.0 + 0.5 * (day - 10.0)))]
        {
            let expected = (-hazard).exp();
            let error = (expected * (1.0 - expected) / (0.75 * n as f64)).sqrt();
            let found = survival(arm, day);
            assert!(
                (found - expected).abs() < 4.0 * error,
                "{arm} on day {day}: {found}, expected {expected}"
            );
        }
    }
    let ratio = finding(&findings, "hit", "hazard_ratio", "graft", None);
    // Ten days without shield move the ratio to 0.51; the standard error of its logarithm is about 0.07.
    assert!((ratio.estimate.unwrap().ln() - 0.51f64.ln()).abs() < 0.28, "{ratio:?}");
    assert!(
        ratio.ci_low.unwrap() < ratio.estimate.unwrap() && ratio.estimate.unwrap() < ratio.ci_high.unwrap()
    );
    assert!(
        ratio.predicted_low < ratio.ci_low && ratio.predicted_high > ratio.ci_high,
        "50 are fewer than 600"
    );
    let rate = finding(&findings, "hits_per_year", "annual_rate", "control", None).estimate.unwrap();
    // 0.7305 a year over about 1,050 patient-years: standard error 0.026.
    assert!((rate - HIT_RATE * 365.25).abs() < 0.11, "{rate}");
    // Incidence with death competing: λ/(λ+μ) (1 − exp(−(λ+μ) t)).
    let both = HIT_RATE + 0.0004;
    let expected = HIT_RATE / both * (1.0 - (-both * 365.25f64).exp());
    let incidence = finding(&findings, "hit_competing", "cumulative_incidence", "control", Some(365.25))
        .estimate
        .unwrap();
    assert!((incidence / 100.0 - expected).abs() < 0.082, "{incidence}, expected {expected}");
}

/// Where the treatment does nothing, both arms hold the same patients with the same fates.
#[test]
fn arms_share_their_patients_fates() {
    let done = simulate(&[USELESS], 60);
    assert!(alike(&done.times(0, "hit"), &done.times(1, "hit")));
    assert!(alike(&done.times(0, "hit_competing"), &done.times(1, "hit_competing")));
    for (graft, control) in done.arms[0].observed.iter().zip(&done.arms[1].observed) {
        // As text: visits after death are NaN.
        assert_eq!(
            format!("{:?}", graft.score(0)),
            format!("{:?}", control.score(0)),
            "the same reading errors"
        );
        assert_eq!(graft.count(0), control.count(0));
        assert_eq!(graft.died.is_some(), control.died.is_some());
    }
    let with_shield = simulate(&[ALL_RELEASED], 60);
    assert!(!alike(&with_shield.times(0, "hit"), &with_shield.times(1, "hit")));
    assert!(alike(&with_shield.times(1, "hit"), &done.times(1, "hit")), "one arm does not know of the other");
    let findings = study(&[USELESS], 60);
    let ratio = finding(&findings, "hit", "hazard_ratio", "graft", None);
    // The integrator's error breaks ties between the arms: each of 60 pairs moves the ratio by up to 1/60.
    assert!((ratio.estimate.unwrap() - 1.0).abs() < 0.02, "{ratio:?}");
    assert!(ratio.ci_high.unwrap() - ratio.ci_low.unwrap() < 0.05, "paired: hardly any simulation error");
    assert!(ratio.predicted_high.unwrap() - ratio.predicted_low.unwrap() > 0.3, "a trial has other patients");
}

/// Half of the cells fail the release test: these patients get nothing and stay in the arm.
#[test]
fn intention_to_treat_counts_those_without_a_graft() {
    let done = simulate(&[], 80);
    let released = &done.arms[0].released;
    let n_released = released.iter().filter(|released| **released).count();
    assert!((25..55).contains(&n_released), "{n_released}");
    let (graft, control) = (done.times(0, "hit"), done.times(1, "hit"));
    assert!(graft.iter().all(Option::is_some), "everyone is counted");
    for (row, released) in released.iter().enumerate() {
        let (with, without) = (graft[row].unwrap(), control[row].unwrap());
        let alive = done.arms[0].observed[row].end >= 10.0;
        assert_eq!(done.arms[0].observed[row].grafted, *released && alive);
        if *released {
            assert!(with.time >= without.time - 1e-2, "the shield never brings a hit forward");
        } else {
            assert!(alike(&graft[row..=row], &control[row..=row]), "without a graft nothing changes");
        }
    }
    // A clock that starts at the graft holds the grafted alone, and the event `no graft` the others.
    let since = done.times(0, "hit_since_graft");
    let missed = done.times(0, "no_shield");
    for (row, released) in released.iter().enumerate() {
        let grafted = *released && done.arms[0].observed[row].end >= 10.0;
        assert_eq!(since[row].is_some(), grafted);
        let alive = done.arms[0].observed[row].end >= 10.0;
        assert_eq!(missed[row].unwrap().status == 1, !released && alive);
    }
    // The control arm plans no graft, so none is missed.
    assert!(done.times(1, "no_shield").iter().flatten().all(|end| end.status == 0));
}

#[test]
fn the_grafted_set_leaves_out_those_without_a_graft() {
    // Only grafted patients are counted from the graft on: any earlier zero would be immortal time, and is refused.
    let edits = [
        ("trials/toy_trial.toml", "\"intention_to_treat\"", "\"grafted\""),
        ("trials/toy_trial.toml", "time_zero = \"randomisation\"", "time_zero = \"graft\""),
        ("trials/toy_trial.toml", "day_zero_at = 10", "day_zero_at = 0"),
    ];
    let done = simulate(&edits, 60);
    let counted = done.times(0, "hit").iter().flatten().count();
    let grafted = done.arms[0].observed.iter().filter(|patient| patient.grafted).count();
    assert_eq!(counted, grafted);
    assert_eq!(done.times(1, "hit").iter().flatten().count(), 60, "the control arm plans no graft");
}

/// The control patient's first hit ends the comparison: a death later is not counted.
#[test]
fn cross_over_censors() {
    let done = simulate(&[], 80);
    let (hits, deaths) = (done.times(1, "hit"), done.times(1, "death_before_crossing"));
    let mut n_censored = 0;
    for (hit, death) in hits.iter().zip(&deaths) {
        let (hit, death) = (hit.unwrap(), death.unwrap());
        if hit.status == 1 {
            assert_eq!((death.time, death.status), (hit.time, 0));
            n_censored += 1;
        } else {
            assert_eq!(death.time, hit.time);
        }
    }
    assert!(n_censored > 30, "{n_censored}");
    // The other arm has no such rule.
    let in_graft_arm = done.times(0, "death_before_crossing");
    let open = in_graft_arm.iter().flatten().filter(|end| end.status == 0);
    assert!(open.clone().count() > 30 && open.clone().all(|end| end.time == 730.5));
}

/// A clock at randomisation stays there, however long the way to the graft: no immortal time.
#[test]
fn a_later_graft_does_not_move_the_clock_of_randomisation() {
    let later = ("trials/toy_trial.toml", "day_zero_at = 10", "day_zero_at = 200");
    let (early, late) =
        (simulate(&[USELESS, ALL_RELEASED], 60), simulate(&[USELESS, ALL_RELEASED, later], 60));
    for done in [&early, &late] {
        for endpoint in ["hit", "hit_competing", "hits_per_year", "scale", "no_shield"] {
            assert_eq!((done.zero(0, endpoint), done.zero(1, endpoint)), (0.0, 0.0), "{endpoint}");
        }
    }
    assert_eq!((early.zero(0, "hit_since_graft"), late.zero(0, "hit_since_graft")), (10.0, 200.0));
    assert!(alike(&early.times(0, "hit"), &late.times(0, "hit")), "waiting for the graft is time at risk");
    // From the graft on, those who died on the way are not there, and hits on the way do not count.
    let since = late.times(0, "hit_since_graft");
    assert!(since.iter().flatten().count() < 60);
    let waiting =
        late.times(0, "hit").iter().flatten().filter(|end| end.time < 200.0 && end.status == 1).count();
    assert!(waiting > 5, "{waiting}");
    for (whole, since) in late.times(0, "hit").iter().zip(&since) {
        let whole = whole.unwrap();
        if let Some(since) = since.filter(|_| whole.time >= 200.0) {
            assert!((since.time - (whole.time - 200.0)).abs() < 1e-9 && since.status == whole.status);
        }
    }
}

#[test]
fn a_trial_may_have_one_arm() {
    let findings = study(&one_arm(), 30);
    assert_eq!(findings.arms.len(), 1);
    assert_eq!((findings.arms[0].n, findings.arms[0].failed), (30, 0));
    assert!(findings.findings.iter().all(|finding| finding.arm == "graft" && finding.versus.is_none()));
    assert!(finding(&findings, "hit", "kaplan_meier", "graft", Some(365.25)).estimate.is_some());
}

#[test]
fn a_run_is_the_same_again_and_in_any_number_of_threads() {
    let (trial, library) = toy(&[]);
    let json = |threads| {
        let options = RunOptions { threads: Some(threads), ..options(25) };
        finish(&trial, &library, &options).findings_json()
    };
    let once = json(1);
    assert_eq!(once, json(1));
    assert_eq!(once, json(2));
    assert!(!once.contains("NaN"));
}

#[test]
fn another_seed_is_another_cohort() {
    let (trial, library) = toy(&[]);
    let with = |seed| finish(&trial, &library, &RunOptions { seed, ..options(25) }).findings;
    assert_ne!(with(1).findings, with(2).findings);
}

/// The findings of the smaller cohort are those of the first patients of the larger one.
#[test]
fn a_larger_cohort_keeps_the_outcomes_of_the_smaller() {
    let (small, large) = (simulate(&[], 20), simulate(&[], 50));
    for arm in 0..2 {
        for endpoint in ["hit", "hit_competing", "death_before_crossing", "no_shield"] {
            assert_eq!(small.times(arm, endpoint), large.times(arm, endpoint)[..20]);
        }
        for (a, b) in small.arms[arm].observed.iter().zip(&large.arms[arm].observed) {
            // As text: visits after death are NaN.
            assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
    }
}

#[test]
fn an_unknown_trial_is_told_with_the_nearest_name() {
    let folder = folder(&[]);
    let mut library = Library::open(std::slice::from_ref(&folder.0)).unwrap();
    let error = prepare(&mut library, "toy_trail").unwrap_err();
    assert_eq!(error.to_string(), "there is no trial `toy_trail` in the library: did you mean `toy_trial`?");
}

/// Everything that a run keeps and writes, with patients going through it `chunk` by `chunk`.
fn in_chunks(chunk: usize, trajectories: bool) -> (String, Vec<String>) {
    let (trial, _) = toy(&[ALL_RELEASED]);
    let (folder, options) = (run_folder(), RunOptions { trajectories, ..options(40) });
    let mut tables = Tables::create(&folder, &trial, &options).unwrap();
    let (record, screened) =
        super::simulate(&trial, &options, Sizes { chunk, ..SIZES }, Some(&mut tables), &()).unwrap();
    let names = tables.close(&screened, &record.arms).unwrap();
    let hashes = names.iter().map(|name| folder.hash(name).unwrap()).collect();
    // As text: visits after death are NaN.
    (format!("{record:?} {screened:?}"), hashes)
}

#[test]
fn chunks_move_no_bit() {
    let whole = in_chunks(512, false);
    for chunk in [1, 7, 40] {
        assert_eq!(in_chunks(chunk, false), whole);
    }
    assert_eq!(in_chunks(7, true).1, whole.1, "all observables of a small cohort are written anyway");
}

/// What a patient leaves behind: visits without laboratory values, and these counted among the grafted.
#[test]
fn laboratory_values_are_counted_and_forgotten() {
    let (trial, _) = toy(&[]);
    let patients = 60;
    let done = simulate(&[], patients);
    let options = options(patients);
    let entered = Screening::new(&trial, patients).next(patients, Seed(options.seed), &options, &());
    let entered = entered.unwrap().unwrap();
    let mut record = Record::new(&trial, patients, KEPT, entered.day);
    record.add(&trial, &entered, &done.arms, &done.outcomes);
    assert_eq!((record.n_patients, record.arms[0].observed.len()), (patients, patients));
    assert_eq!(record.arms[0].observed[7].score(0)[0], done.arms[0].observed[7].score(0)[0]);
    let day = 3;
    let grafted = done.arms[0].observed.iter().filter(|patient| patient.grafted);
    let mut values: Vec<f64> = grafted.map(|patient| patient.lab(0)[day]).filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    assert!(values.len() > 10);
    assert_eq!(record.arms[0].labs[0][day].quantiles([0.5]), [regraft_stats::quantile(&values, 0.5)]);
    assert!(record.arms[1].labs.is_empty(), "an arm without graft has no fan");
    let crossed = done.arms[1].observed.iter().map(|patient| patient.acted.len());
    let acted = &record.arms[1].acted[0];
    assert_eq!((acted.rule.as_str(), acted.times), ("cross_over", crossed.clone().sum()));
    assert_eq!(acted.patients, crossed.filter(|times| *times > 0).count());
}

/// Findings of a cohort of which `kept` patients are kept one by one.
fn keeping(kept: usize, patients: usize) -> (Findings, Vec<regraft_stats::Endings>) {
    let (trial, _) = toy(&[ALL_RELEASED]);
    let (folder, options) = (run_folder(), options(patients));
    let mut tables = Tables::create(&folder, &trial, &options).unwrap();
    let sizes = Sizes { chunk: 100, kept, again: 0 };
    let (record, _) = super::simulate(&trial, &options, sizes, Some(&mut tables), &()).unwrap();
    assert_eq!((record.n_patients, record.cohort.numbers.len()), (patients, kept.min(patients)));
    assert_eq!(record.arms[1].observed.len(), kept.min(patients));
    let setting = setting(&trial, Seed(options.seed), &record);
    let findings = find(&trial, &options, &record, &setting, &()).unwrap();
    (findings, setting.endings(&trial.analyses[0], 0))
}

/// Counted up, a cohort has the estimates that it has patient by patient; only what is drawn from it differs.
#[test]
fn a_crowd_has_the_findings_of_its_patients() {
    let patients = 400;
    let ((crowd, counted), (one_by_one, alone)) = (keeping(90, patients), keeping(patients, patients));
    assert_eq!(counted, alone);
    assert_eq!(crowd.arms, one_by_one.arms);
    for (a, b) in crowd.findings.iter().zip(&one_by_one.findings) {
        let close = |a: Option<f64>, b: Option<f64>| {
            a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() <= 1e-12 * a.abs().max(1.0))
        };
        assert!(close(a.estimate, b.estimate) && a.n == b.n, "{a:?} {b:?}");
        let by_formula = a.versus.is_none() && !["annual_rate", "median_day"].contains(&a.method.as_str());
        if by_formula {
            assert!(close(a.ci_low, b.ci_low) && close(a.ci_high, b.ci_high), "{a:?} {b:?}");
        } else {
            let width = |f: &Finding| f.ci_high.unwrap() - f.ci_low.unwrap();
            let ratio = width(a) / width(b);
            assert!((0.6..1.6).contains(&ratio), "{ratio} {a:?} {b:?}");
        }
        assert!(a.predicted_low.is_some() == b.predicted_low.is_some(), "{a:?}");
    }
    assert_eq!(crowd.findings[0].n, patients);
}

#[test]
fn a_day_without_a_visit_near_it_is_told_with_the_nearest() {
    let days = "at_days = [0, 365.25]";
    let folder = folder(&[("trials/toy_trial.toml", days, "at_days = [0, 190, 300, 360]")]);
    let mut library = Library::open(std::slice::from_ref(&folder.0)).unwrap();
    let problems = check(&mut library, "toy_trial");
    let errors = problems.iter().filter(|problem| problem.is_error());
    let told: Vec<String> = errors
        .map(|problem| format!("{} {}; {}", problem.code, problem.message, problem.help.join(" ")))
        .collect();
    let nearest = "the days nearest to it on which scores are read: 182.625 and 365.25";
    assert_eq!(
        told,
        [
            format!("T047 `scale` has no visit within 7 days of day 190 in arm `graft`; {nearest}"),
            format!("T047 `scale` has no visit within 7 days of day 300 in arm `graft`; {nearest}"),
        ]
    );
}
