//! A trial's design, decided: what the file says and, where it is silent, what is assumed.

use regraft_stats::sequential::Spending;
use regraft_trial::endpoint::{Clock, Direction, Endpoint, EndpointKind};
use regraft_trial::trial_file::{
    Analysis, AnalysisRole, ArmRole, Design, FollowUpRule, Inference, Method, RescueRule, SpendingRule, Test,
};
use serde::Serialize;

use crate::report::words;
use crate::study::{Prepared, StudyError};

/// A design with every number decided. Days are days after time zero, which is when a patient enters.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Index of the endpoint.
    pub endpoint: usize,
    /// Whether more of the endpoint is bad.
    pub is_harm: bool,
    /// How it is analysed.
    pub test: Test,
    /// From what its p-value comes.
    pub inference: Inference,
    /// Arms: control, treated.
    pub arms: [usize; 2],
    /// Day of the clock of a response or of the last visit that is compared.
    pub at_day: Option<f64>,
    /// Type I error of both sides together where there are two.
    pub alpha: f64,
    /// 1 or 2.
    pub sides: u32,
    /// Treated and control patients in a block.
    pub allocation: (u32, u32),
    /// Patients who enter per year.
    pub patients_per_year: f64,
    /// When observation ends.
    pub follow_up: FollowUpRule,
    /// Of each patient, or after the last one entered.
    pub follow_up_days: f64,
    /// Last day of the simulated courses.
    pub horizon_days: f64,
    /// Hazard of leaving the trial, per year.
    pub drop_out_per_year: f64,
    /// Share of visits that do not take place.
    pub missed_visits: f64,
    /// A visit takes place within so many days of its planned day.
    pub visit_window_days: f64,
    /// Shares of the information at interim looks.
    pub looks: Vec<f64>,
    /// How type I error is spent over them.
    pub spending: Spending,
    /// Marks of decisions that are rescue.
    pub rescue_marks: Vec<String>,
    /// How rescue is handled.
    pub rescue: RescueRule,
    /// Hazard of the control patients' change to the studied treatment, per year.
    pub cross_over_per_year: f64,
    /// No such change before.
    pub cross_over_from_day: f64,
    /// All of that in words.
    pub settings: Vec<SettingLine>,
    /// Why the numbers of the file are what they are.
    pub why: Option<String>,
    /// Their source.
    pub source: Option<String>,
}

/// One decided number in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingLine {
    /// What it is.
    pub what: String,
    /// Its value.
    pub value: String,
    /// `file` where `[design]` says it, `trial` where the rest of the trial file does, `assumed` where nothing does.
    pub from: &'static str,
    /// Source of what the file says: `remembered`, `assumed`, a row of the evidence, a reference; null where it does not
    /// say it.
    pub source: Option<String>,
}

/// What is assumed where `[design]` is silent. Chosen: an ordinary trial; every use is said in the answer.
mod assumed {
    pub const ALPHA: f64 = 0.05;
    pub const SIDES: u32 = 2;
    pub const ALLOCATION: (u32, u32) = (1, 1);
    pub const PATIENTS_PER_YEAR: f64 = 50.0;
    pub const DROP_OUT_PER_YEAR: f64 = 0.05;
    pub const MISSED_VISITS: f64 = 0.05;
    pub const VISIT_WINDOW_DAYS: f64 = 7.0;
}

impl Plan {
    /// Decides the design of a prepared trial.
    ///
    /// # Errors
    /// [`StudyError::Usage`] where two arms cannot be compared.
    pub fn of(trial: &Prepared) -> Result<Plan, StudyError> {
        let none = None;
        let design = trial.trial.file.design.as_ref();
        let analysis = analysis(trial, design)?;
        let endpoint_id = design.and_then(|d| d.endpoint.as_ref()).unwrap_or(&analysis.endpoint);
        let endpoint = &trial.trial.endpoints[&endpoint_id.text];
        let arms = arms(trial, design, analysis)?;
        refuse_unlike_clocks(trial, endpoint, arms)?;
        let mut notes = Notes(Vec::new());
        let test = test(design, analysis, endpoint);
        let inference = inference(design, test);
        let asked = last_asked(trial, endpoint);
        let at_day = at_day(design, test, endpoint, asked, trial.protocol.horizon_days);
        let index = trial.endpoint_ids.iter().position(|id| *id == endpoint_id.text);
        let index = index.expect("an analysed endpoint is compiled");
        let from = |known: bool| if known { "file" } else { "trial" };
        notes.add("endpoint", endpoint.title.clone(), from(design.is_some_and(|d| d.endpoint.is_some())));
        notes.add("analysis", analysis_words(test).into(), from(design.is_some_and(|d| d.test.is_some())));
        let written = if design.is_some_and(|d| d.inference.is_some()) { "file" } else { "assumed" };
        notes.add("test", inference_words(test, inference).into(), written);
        let names = arms.map(|arm| trial.protocol.arms[arm].title.clone());
        let compared = format!("{} against {}", names[1], names[0]);
        notes.add("arms", compared, from(design.is_some_and(|d| d.treated.is_some() || d.control.is_some())));
        if let Some(day) = at_day {
            let value = words::time(day);
            notes.add("compared at", value, from(design.is_some_and(|d| d.at_day.is_some())));
        }
        let zero = arms.map(|arm| trial.endpoints[arm][index].zero).into_iter().fold(0.0, f64::max);
        let by_default = default_follow_up(test, endpoint, zero, at_day, asked, trial.protocol.horizon_days);
        let of = |get: fn(&Design) -> Option<f64>| design.map_or(none, get);
        let mut plan = Plan {
            endpoint: index,
            is_harm: endpoint.direction == Direction::Harm,
            test,
            inference,
            arms,
            at_day,
            alpha: of(|d| d.alpha).unwrap_or(assumed::ALPHA),
            sides: design.and_then(|d| d.sides).unwrap_or(assumed::SIDES),
            allocation: design.and_then(|d| d.allocation).unwrap_or(assumed::ALLOCATION),
            patients_per_year: of(|d| d.patients_per_year).unwrap_or(assumed::PATIENTS_PER_YEAR),
            follow_up: design.and_then(|d| d.follow_up).unwrap_or(FollowUpRule::Fixed),
            follow_up_days: of(|d| d.follow_up_days).unwrap_or(by_default),
            horizon_days: trial.protocol.horizon_days,
            drop_out_per_year: of(|d| d.drop_out_per_year).unwrap_or(assumed::DROP_OUT_PER_YEAR),
            missed_visits: of(|d| d.missed_visits).unwrap_or(assumed::MISSED_VISITS),
            visit_window_days: of(|d| d.visit_window_days).unwrap_or(assumed::VISIT_WINDOW_DAYS),
            looks: design.map(|d| d.looks.clone()).unwrap_or_default(),
            spending: match design.and_then(|d| d.spending) {
                Some(SpendingRule::Pocock) => Spending::Pocock,
                _ => Spending::OBrienFleming,
            },
            rescue_marks: design
                .map_or(Vec::new(), |d| d.rescue_marks.iter().map(|m| m.text.clone()).collect()),
            rescue: design.and_then(|d| d.rescue).unwrap_or(RescueRule::TreatmentPolicy),
            cross_over_per_year: of(|d| d.cross_over_per_year).unwrap_or(0.0),
            cross_over_from_day: of(|d| d.cross_over_from_day).unwrap_or(0.0),
            settings: Vec::new(),
            why: design.and_then(|d| d.provenance.as_ref()).and_then(|p| p.why.clone()),
            source: design.and_then(|d| d.provenance.as_ref()).map(|p| p.source.clone()),
        };
        plan.refuse_short_follow_up(zero)?;
        plan.refuse_failure_without_event()?;
        plan.note(design, &mut notes);
        plan.settings = notes.0;
        plan.add_sources(design);
        Ok(plan)
    }

    /// The analysis and its test in words.
    pub fn test_words(&self) -> String {
        format!("{}, {}", analysis_words(self.test), inference_words(self.test, self.inference))
    }

    /// The day that is compared must be reached.
    fn refuse_short_follow_up(&self, zero: f64) -> Result<(), StudyError> {
        match self.at_day.map(|day| day + zero).filter(|day| *day > self.follow_up_days) {
            Some(day) => Err(StudyError::Usage(format!(
                "the design follows patients for {} days, but compares them on day {day}: `follow_up_days` of `[design]` must reach it",
                self.follow_up_days
            ))),
            None => Ok(()),
        }
    }

    fn refuse_failure_without_event(&self) -> Result<(), StudyError> {
        if self.rescue == RescueRule::Failure && !self.test.looks_at_events() {
            let message = "`rescue = \"failure\"` of `[design]` means nothing for an endpoint without event";
            return Err(StudyError::Usage(message.into()));
        }
        Ok(())
    }

    /// Where what the file says comes from.
    fn add_sources(&mut self, design: Option<&Design>) {
        for line in self.settings.iter_mut().filter(|line| line.from == "file") {
            let keys = KEYS.iter().find(|(what, _)| *what == line.what).map_or("", |(_, key)| key);
            let provenance = design.and_then(|design| design.provenance_of(keys));
            line.source = provenance.map(|provenance| provenance.source.clone());
        }
    }

    /// Everything numeric in words.
    fn note(&self, design: Option<&Design>, notes: &mut Notes) {
        let said = |is: fn(&Design) -> bool| if design.is_some_and(is) { "file" } else { "assumed" };
        let sides = if self.sides == 2 { "two-sided" } else { "one-sided" };
        let percent = |x: f64| format!("{} %", words::as_printed(100.0 * x));
        notes.add("type I error", format!("{sides} {}", percent(self.alpha)), said(|d| d.alpha.is_some()));
        let (a, b) = self.allocation;
        notes.add("allocation", format!("{a} treated to {b} control"), said(|d| d.allocation.is_some()));
        let rate = format!("{} patients a year, as they come", words::as_printed(self.patients_per_year));
        notes.add("accrual", rate, said(|d| d.patients_per_year.is_some()));
        let time = words::span(self.follow_up_days);
        let follow_up = match self.follow_up {
            FollowUpRule::Fixed => format!("{time} for each patient"),
            FollowUpRule::CommonClose => format!("everyone until {time} after the last patient entered"),
        };
        let from = if design.is_some_and(|d| d.follow_up_days.is_some()) { "file" } else { "trial" };
        notes.add("follow-up", follow_up, from);
        let leave = 1.0 - (-self.drop_out_per_year).exp();
        let rounded = (1000.0 * leave).round() / 1000.0;
        notes.add(
            "drop-out",
            format!("{} in a year", percent(rounded)),
            said(|d| d.drop_out_per_year.is_some()),
        );
        notes.add("missed visits", percent(self.missed_visits), said(|d| d.missed_visits.is_some()));
        let window = format!("within {} days of the planned day", words::as_printed(self.visit_window_days));
        notes.add("visits", window, said(|d| d.visit_window_days.is_some()));
        let looks = match (self.looks.as_slice(), self.spending) {
            ([], _) => "none".to_string(),
            (looks, spending) => {
                let at: Vec<String> = looks.iter().map(|share| percent(*share)).collect();
                let like = if spending == Spending::Pocock { "Pocock" } else { "O'Brien and Fleming" };
                format!("at {} of the information, error spent as {like}", at.join(", "))
            }
        };
        notes.add("interim looks", looks, said(|d| !d.looks.is_empty()));
        let rescue = match (self.rescue_marks.join(", "), self.rescue) {
            (marks, _) if marks.is_empty() => "whatever is given counts (treatment policy)".to_string(),
            (marks, RescueRule::TreatmentPolicy) => {
                format!("{marks}: whatever is given counts (treatment policy)")
            }
            (marks, RescueRule::Censor) => format!("{marks}: what is seen after it does not count"),
            (marks, RescueRule::Failure) => format!("{marks}: counts as failure"),
        };
        notes.add("rescue", rescue, said(|d| !d.rescue_marks.is_empty()));
        let cross = if self.cross_over_per_year > 0.0 {
            let share = (1000.0 * (1.0 - (-self.cross_over_per_year).exp())).round() / 1000.0;
            format!(
                "{} of the controls in a year, from {} on",
                percent(share),
                words::time(self.cross_over_from_day)
            )
        } else {
            "none beyond that of the regimens".to_string()
        };
        notes.add("cross-over", cross, said(|d| d.cross_over_per_year.is_some()));
    }
}

/// The key of `[design]` behind each line.
const KEYS: [(&str, &str); 14] = [
    ("endpoint", "endpoint"),
    ("analysis", "test"),
    ("test", "inference"),
    ("compared at", "at_day"),
    ("type I error", "alpha"),
    ("allocation", "allocation"),
    ("accrual", "patients_per_year"),
    ("follow-up", "follow_up_days"),
    ("drop-out", "drop_out_per_year"),
    ("missed visits", "missed_visits"),
    ("visits", "visit_window_days"),
    ("interim looks", "looks"),
    ("rescue", "rescue_marks"),
    ("cross-over", "cross_over_per_year"),
];

struct Notes(Vec<SettingLine>);

impl Notes {
    fn add(&mut self, what: &str, value: String, from: &'static str) {
        self.0.push(SettingLine { what: what.to_string(), value, from, source: None });
    }
}

/// Random ways in which a permutation test deals the groups. Chosen: a p-value of 2.5 % on one side is then known to a
/// seventh of itself, and levels of 5, 2.5 and 1 % are whole numbers of ways.
pub const DEALS: usize = 1999;

/// An analysis in words.
pub fn analysis_words(test: Test) -> &'static str {
    match test {
        Test::LogRank => "log-rank test",
        Test::Cox => "Cox regression",
        Test::FineGray => "Fine–Gray regression",
        Test::ChiSquare => "comparison of the shares",
        Test::Logistic => "odds ratio (logistic regression)",
        Test::Mmrm => "mixed model for repeated measures, last visit",
        Test::NegativeBinomial => "negative binomial regression",
    }
}

/// Where the p-value of an analysis comes from, in words.
pub fn inference_words(test: Test, inference: Inference) -> &'static str {
    match (test, inference) {
        (Test::LogRank, Inference::Score) => "observed less expected events over its standard error",
        (Test::Mmrm, Inference::Wald) => "Wald's t test, degrees of freedom by Satterthwaite",
        (Test::ChiSquare, Inference::Score) => "chi-square test with N − 1",
        (_, Inference::Score) => "score test, its error that of random allocation",
        (_, Inference::Wald) => "Wald's test",
        (_, Inference::KenwardRoger) => "t test by Kenward and Roger",
        (_, Inference::LikelihoodRatio) => "likelihood-ratio test",
        (_, Inference::Pearson) => "Pearson's chi-square test without correction",
        (_, Inference::Permutation) => "permutation test of the score: 1,999 random ways to deal the groups",
        (_, Inference::MidP) => "Fisher's exact test, mid-p",
        (_, Inference::Exact) => "Fisher's exact test",
    }
}

/// The analysis that the design is about: that of its endpoint, else the primary comparison, else the first primary one.
fn analysis<'a>(trial: &'a Prepared, design: Option<&Design>) -> Result<&'a Analysis, StudyError> {
    let all = &trial.trial.file.analyses;
    let wanted = design.and_then(|d| d.endpoint.as_ref());
    let own = |a: &&Analysis| wanted.is_none_or(|name| name.text == a.endpoint.text);
    let primary = |a: &&Analysis| a.role == AnalysisRole::Primary;
    let compares = |a: &&Analysis| a.versus.is_some();
    let found = all.iter().find(|a| own(a) && primary(a) && compares(a));
    let found = found.or_else(|| all.iter().find(|a| own(a) && primary(a)));
    let found = found.or_else(|| all.iter().find(|a| own(a) && compares(a)));
    let found = found.or_else(|| all.iter().find(own));
    found.ok_or_else(|| StudyError::Usage(format!("`{}` has no analysis to design", trial.id)))
}

/// Control and treated arm.
fn arms(trial: &Prepared, design: Option<&Design>, analysis: &Analysis) -> Result<[usize; 2], StudyError> {
    let arms = &trial.trial.arms;
    let named = |name: &str| arms.iter().position(|arm| arm.arm.id.text == name);
    let of_role = |role: ArmRole, other: Option<usize>| {
        (0..arms.len()).find(|arm| arms[*arm].arm.role == role && Some(*arm) != other)
    };
    let written = |get: fn(&Design) -> Option<&regraft_trial::name::Name>| {
        design.and_then(get).and_then(|name| named(&name.text))
    };
    let versus = analysis.versus.as_ref().and_then(|name| named(&name.text));
    let own = analysis.arms.first().filter(|_| versus.is_some()).and_then(|name| named(&name.text));
    let treated = written(|d| d.treated.as_ref()).or(own);
    let control =
        written(|d| d.control.as_ref()).or(versus).or_else(|| of_role(ArmRole::Comparator, treated));
    let treated = treated.or_else(|| of_role(ArmRole::Studied, control));
    let rest = |known: Option<usize>| (0..arms.len()).rev().find(|arm| Some(*arm) != known);
    let (control, treated) = (control.or_else(|| rest(treated)), treated.or_else(|| rest(control)));
    match (control, treated) {
        (Some(control), Some(treated)) if control != treated => Ok([control, treated]),
        _ => Err(StudyError::Usage(format!(
            "`{}` has one arm: a design compares two; write a trial with an arm to compare with",
            trial.id
        ))),
    }
}

/// Patients must be compared from the same moment on.
fn refuse_unlike_clocks(trial: &Prepared, endpoint: &Endpoint, arms: [usize; 2]) -> Result<(), StudyError> {
    let day = |arm: usize| trial.trial.arms[arm].arm.day_zero_at;
    if endpoint.clock == Clock::DayZero && day(arms[0]) != day(arms[1]) {
        return Err(StudyError::Usage(format!(
            "the endpoint `{}` counts from day zero of the regimen, which differs between the arms: design another one with `endpoint` in `[design]`",
            endpoint.id.text
        )));
    }
    Ok(())
}

fn test(design: Option<&Design>, analysis: &Analysis, endpoint: &Endpoint) -> Test {
    let by_kind = match endpoint.kind {
        EndpointKind::TimeToEvent { .. } if analysis.method == Method::Proportion => Test::ChiSquare,
        EndpointKind::TimeToEvent { .. } if analysis.method == Method::CumulativeIncidence => Test::FineGray,
        EndpointKind::TimeToEvent { .. } => Test::LogRank,
        EndpointKind::Proportion { .. } => Test::ChiSquare,
        EndpointKind::Change { .. } | EndpointKind::Mean { .. } => Test::Mmrm,
        EndpointKind::AnnualRate { .. } => Test::NegativeBinomial,
    };
    // A test that does not suit the endpoint was reported when the file was read.
    design.and_then(|d| d.test).filter(|test| test.suits(endpoint)).unwrap_or(by_kind)
}

/// What the file says, where the test has it (what it has not was reported when the file was read), else what is usual.
fn inference(design: Option<&Design>, test: Test) -> Inference {
    let known = test.inferences();
    design.and_then(|d| d.inference).filter(|one| known.contains(one)).unwrap_or(known[0])
}

/// Last day of the clock on which an analysis asks for the endpoint.
fn last_asked(trial: &Prepared, endpoint: &Endpoint) -> Option<f64> {
    let of_it = trial.trial.file.analyses.iter().filter(|a| a.endpoint.text == endpoint.id.text);
    of_it.flat_map(|a| a.at_days.iter().copied()).max_by(f64::total_cmp)
}

fn at_day(
    design: Option<&Design>,
    test: Test,
    endpoint: &Endpoint,
    asked: Option<f64>,
    horizon: f64,
) -> Option<f64> {
    let by_day = if let EndpointKind::Proportion { by_day, .. } = &endpoint.kind { *by_day } else { None };
    let written = design.and_then(|d| d.at_day);
    match test {
        Test::ChiSquare | Test::Logistic => Some(written.or(by_day).or(asked).unwrap_or(horizon)),
        Test::Mmrm => Some(written.or(asked).unwrap_or(horizon)),
        _ => None,
    }
}

fn default_follow_up(
    test: Test,
    endpoint: &Endpoint,
    zero: f64,
    at_day: Option<f64>,
    asked: Option<f64>,
    horizon: f64,
) -> f64 {
    let to_day = if let EndpointKind::AnnualRate { to_day, .. } = &endpoint.kind { *to_day } else { None };
    let last = match test {
        Test::NegativeBinomial => to_day,
        _ => at_day.or(asked),
    };
    // A visit may take place after its planned day.
    last.filter(|day| *day > 0.0).map_or(horizon, |day| zero + day + assumed::VISIT_WINDOW_DAYS).min(horizon)
}
