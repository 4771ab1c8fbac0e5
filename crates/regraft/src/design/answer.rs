//! The answer of `regraft design`: the public JSON.

use regraft_stats::power::{normal_power, schoenfeld_power};
use regraft_stats::repeated::repeated_measures;
use regraft_stats::{cox_two_groups, fine_gray_two_groups, kaplan_meier};
use regraft_trial::trial_file::{Inference, Test};
use serde::Serialize;

use super::analysis;
use super::members::Assured;
use super::notes;
use super::plan::{Plan, SettingLine, inference_words};
use super::pool::Pool;
use super::power::Trials;
use super::setting::{Enrolled, Setting};
use super::sizes::{Asked, Found, at_size};
use crate::posterior::Split;
use crate::study::{Prepared, RunOptions};

/// What was found. Shares are between 0 and 1, times are days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Trial id.
    pub trial: String,
    /// Title for people.
    pub title: String,
    /// Version of regraft.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Uncertain parameters with which the patients lived; those of the cards if null.
    pub posterior: Option<String>,
    /// Endpoint id.
    pub endpoint: String,
    /// Endpoint for people.
    pub endpoint_title: String,
    /// `log_rank`, `cox`, `fine_gray`, `chi_square`, `logistic`, `mmrm` or `negative_binomial`.
    pub test: String,
    /// Where its p-value comes from: `wald`, `likelihood_ratio`, `score`, `pearson`, `permutation`, `mid_p` or `exact`.
    pub inference: String,
    /// The same in words.
    pub inference_title: String,
    /// Arm id.
    pub treated: String,
    /// Arm id.
    pub control: String,
    /// Whether both arms did what the control arm does.
    pub identical_arms: bool,
    /// Patients per arm: half of all.
    pub n_per_arm: usize,
    /// Patients of the treated arm.
    pub n_treated: usize,
    /// Patients of the control arm.
    pub n_control: usize,
    /// Share of trials that reject.
    pub power: f64,
    /// Its standard error, of trials and pool together.
    pub mc_error: f64,
    /// By the number of trials alone.
    pub mc_error_trials: f64,
    /// By the size of the pool alone.
    pub mc_error_pool: f64,
    /// Share of trials that reject in favor of the treated.
    pub power_in_favor: f64,
    /// Power by formula, where there is one, looks left out.
    pub power_by_formula: Option<f64>,
    /// Share of trials that reject where both arms do what the control arm does.
    pub type_one_error: f64,
    /// Its standard error.
    pub type_one_mc_error: f64,
    /// The same trials with the p-value from elsewhere.
    pub other_tests: Vec<OtherTest>,
    /// Nominal type I error.
    pub alpha: f64,
    /// 1 or 2.
    pub sides: u32,
    /// Power averaged over the members of the posterior; the power where there is one member.
    pub assurance: f64,
    /// Lower end of its 95 % interval: by the number of members, of trials and of patients.
    pub assurance_ci_low: Option<f64>,
    /// Upper end.
    pub assurance_ci_high: Option<f64>,
    /// 10 % quantile of the power of members.
    pub assurance_low: Option<f64>,
    /// 90 % quantile of the power of members.
    pub assurance_high: Option<f64>,
    /// Power in each member, ascending; empty where there is one.
    pub power_by_member: Vec<f64>,
    /// Share of the variance between members, as their few patients show it, that is truth and not luck.
    pub members_truth: Option<f64>,
    /// Members of the posterior.
    pub members: usize,
    /// How much of the doubt whether a trial rejects lies in the parameters; null with one member.
    pub split: Option<Split>,
    /// Power that was looked for.
    pub target_power: f64,
    /// Patients per arm with that power; null where no size has it.
    pub n_per_arm_for_target: Option<usize>,
    /// Patients per arm with that assurance; null where no size has it, or there is one member.
    pub n_per_arm_for_assurance: Option<usize>,
    /// Mean days from the first entry to the end.
    pub duration_days: f64,
    /// 10 % quantile.
    pub duration_low_days: f64,
    /// 90 % quantile.
    pub duration_high_days: f64,
    /// Mean days from the first entry to the last.
    pub enrollment_days: f64,
    /// Mean number of patients who had entered at the end.
    pub patients_at_end: f64,
    /// Mean information at the end: events where times are analysed, patients seen at the last visit where values are,
    /// else patients.
    pub information: f64,
    /// Share of trials whose test gave no number, such as a ratio without events in an arm; they do not reject.
    pub without_number: f64,
    /// What the whole pool shows of the effect.
    pub effect: Effect,
    /// Looks, the final one last.
    pub looks: Vec<Look>,
    /// Power against size.
    pub curve: Vec<AtSize>,
    /// Simulated trials at each size.
    pub trials: usize,
    /// Patients of the pool.
    pub pool: usize,
    /// The design in words, and what of it was assumed.
    pub design: Vec<SettingLine>,
    /// Source of the numbers of the file.
    pub source: Option<String>,
    /// Their grounds.
    pub why: Option<String>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// What the same trials show where the p-value of the analysis comes from elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OtherTest {
    /// As [`Answer::inference`].
    pub inference: String,
    /// In words.
    pub title: String,
    /// Share of trials that reject.
    pub power: f64,
    /// Its standard error, of trials and pool together.
    pub mc_error: f64,
    /// Share of trials that reject where both arms do what the control arm does.
    pub type_one_error: f64,
    /// Its standard error.
    pub type_one_mc_error: f64,
    /// Share of trials whose test gave no number.
    pub without_number: f64,
}

impl OtherTest {
    fn of(test: Test, (inference, main, null): &(Inference, Trials, Trials)) -> OtherTest {
        OtherTest {
            inference: inference.word().to_string(),
            title: inference_words(test, *inference).to_string(),
            power: main.rejected,
            mc_error: main.error(),
            type_one_error: null.rejected,
            type_one_mc_error: null.error_of_trials,
            without_number: main.without_number,
        }
    }
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Look {
    /// Share of the information.
    pub information: f64,
    /// Critical value of |Z|, of Z on one side; the last one where all information is as planned.
    pub critical: f64,
    /// Share of trials that ended here.
    pub ended: f64,
}

/// Power at one size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AtSize {
    /// Patients per arm: half of all.
    pub n_per_arm: usize,
    /// Share of trials that reject.
    pub power: f64,
    /// Its standard error.
    pub mc_error: f64,
    /// By the number of trials alone.
    pub mc_error_trials: f64,
    /// By the size of the pool alone.
    pub mc_error_pool: f64,
    /// Share of trials that reject in favor of the treated.
    pub in_favor: f64,
    /// Power by formula, where there is one.
    pub formula: Option<f64>,
    /// Power averaged over members of the posterior; null where there is one.
    pub assurance: Option<f64>,
    /// Power that a tenth of the members lie below.
    pub assurance_low: Option<f64>,
    /// Power that nine tenths of the members lie below.
    pub assurance_high: Option<f64>,
    /// Mean days from the first entry to the end.
    pub duration_days: f64,
    /// Mean information at the end.
    pub information: f64,
    /// Mean number of patients who had entered at the end.
    pub patients_at_end: f64,
}

/// The effect in the whole pool, followed as the design says, nobody leaving or crossing over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// `hazard_ratio`, `subdistribution_hazard_ratio`, `odds_ratio`, `difference` or `rate_ratio`.
    pub measure: &'static str,
    /// Treated against control; null where it cannot be told.
    pub value: Option<f64>,
    /// What the treated show: share with the event, mean, or events per year.
    pub treated: Option<f64>,
    /// What the controls show.
    pub control: Option<f64>,
}

impl Effect {
    /// What the whole pool shows.
    pub fn of(setting: &Setting<'_>) -> Effect {
        let rows: Vec<usize> = (0..setting.pool.n()).collect();
        let (everyone, end) = (setting.everyone(&rows), setting.longest());
        match setting.plan.test {
            Test::LogRank | Test::Cox | Test::FineGray => of_times(setting, &everyone, end),
            Test::ChiSquare | Test::Logistic => {
                let [control, treated] = analysis::shares(setting, &everyone, end, true);
                let odds = regraft_stats::two_by_two::odds_ratio(treated, control, 0.95);
                let share = |s: regraft_stats::two_by_two::Share| finite(s.events / s.n);
                let (treated, control) = (share(treated), share(control));
                Effect { measure: "odds_ratio", value: odds.map(|found| found.ratio), treated, control }
            }
            Test::Mmrm => {
                let data = analysis::values(setting, &everyone, end);
                let value = repeated_measures(&data).ok().map(|found| found.value);
                let last = |treated: bool| {
                    let own = data.values.chunks_exact(data.n_visits.max(1)).zip(&data.treated);
                    let seen = own.filter(|(_, group)| **group == treated).map(|(y, _)| y[y.len() - 1]);
                    let (sum, n) =
                        seen.filter(|y| y.is_finite()).fold((0.0, 0.0), |(s, n), y| (s + y, n + 1.0));
                    finite(sum / n)
                };
                Effect { measure: "difference", value, treated: last(true), control: last(false) }
            }
            Test::NegativeBinomial => {
                let [control, treated] = analysis::counts(setting, &everyone, end);
                let rate = |group: &[regraft_stats::negative_binomial::Count]| {
                    finite(
                        group.iter().map(|c| c.events).sum::<f64>()
                            / group.iter().map(|c| c.time).sum::<f64>(),
                    )
                };
                let found = regraft_stats::negative_binomial::rate_ratio(&treated, &control, 0.95);
                let (treated, control) = (rate(&treated), rate(&control));
                Effect { measure: "rate_ratio", value: found.map(|found| found.ratio), treated, control }
            }
        }
    }

    /// Power by formula at a size, looks left out: Schoenfeld's for times, the normal approximation for shares.
    pub fn formula(&self, setting: &Setting<'_>, at: &Trials) -> Option<f64> {
        let plan = setting.plan;
        let (treated, block) =
            (f64::from(plan.allocation.0), f64::from(plan.allocation.0 + plan.allocation.1));
        let share = treated / block;
        // Formulas know no change of treatment.
        if setting.identical || plan.cross_over_per_year > 0.0 {
            return None;
        }
        match plan.test {
            Test::LogRank | Test::Cox | Test::FineGray if plan.looks.is_empty() => {
                let ratio = self.value.filter(|ratio| *ratio > 0.0)?;
                let toward = if plan.is_harm { ratio } else { 1.0 / ratio };
                Some(schoenfeld_power(toward, at.information, share, plan.alpha, plan.sides))
            }
            Test::ChiSquare if plan.looks.is_empty() => {
                let (p, q) = self.treated.zip(self.control)?;
                let (n, m) = (share * at.n as f64, (1.0 - share) * at.n as f64);
                let mean = (n * p + m * q) / (n + m);
                let sd = (mean * (1.0 - mean) * (1.0 / n + 1.0 / m)).sqrt();
                let drift = if plan.is_harm { q - p } else { p - q } / sd;
                finite(normal_power(drift, plan.alpha, plan.sides))
            }
            _ => None,
        }
    }
}

fn of_times(setting: &Setting<'_>, everyone: &[Enrolled], end: f64) -> Effect {
    let [control, treated] = analysis::times(setting, everyone, end);
    let share = |group: &[regraft_stats::Survival]| {
        let curve = kaplan_meier(group, 0.95);
        curve.estimate.last().map(|left| 1.0 - left)
    };
    let (with_treated, with_control) = (share(&treated), share(&control));
    if setting.plan.test == Test::FineGray {
        let found = fine_gray_two_groups(&treated, &control, 0.95).ok().and_then(|found| finite(found.ratio));
        let measure = "subdistribution_hazard_ratio";
        return Effect { measure, value: found, treated: with_treated, control: with_control };
    }
    let found = cox_two_groups(&treated, &control, 0.95).ok().and_then(|found| finite(found.ratio));
    Effect { measure: "hazard_ratio", value: found, treated: with_treated, control: with_control }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Puts the answer together.
pub fn answer(
    trial: &Prepared,
    plan: &Plan,
    asked: &Asked,
    options: &RunOptions,
    pool: &Pool,
    found: Found,
    looks: Vec<Look>,
) -> Answer {
    let (main, curve, moves, target) = (&found.main, &found.curve, found.moves, found.target);
    let endpoint = &trial.trial.endpoints[&trial.endpoint_ids[plan.endpoint]];
    let notes = notes::of(plan, &found, pool, asked.null);
    let place = curve.iter().position(|at| at.n == main.n);
    let own = place.and_then(|place| found.formula[place]);
    let assured_at = |place: usize| found.assured.as_ref().and_then(|all| all.get(place));
    let own_assured = place.and_then(assured_at);
    let interval = own_assured.map(Assured::interval);
    let points = curve.iter().zip(&found.formula).enumerate();
    let points = points.map(|(place, (at, formula))| at_size(at, *formula, assured_at(place))).collect();
    Answer {
        trial: trial.id.clone(),
        title: trial.trial.file.title.clone(),
        version: env!("CARGO_PKG_VERSION").to_string(),
        seed: options.seed,
        posterior: trial.posterior(),
        endpoint: endpoint.id.text.clone(),
        endpoint_title: endpoint.title.clone(),
        test: plan.test.word().to_string(),
        inference: plan.inference.word().to_string(),
        inference_title: inference_words(plan.test, plan.inference).to_string(),
        treated: trial.arm_ids[plan.arms[1]].clone(),
        control: trial.arm_ids[plan.arms[0]].clone(),
        identical_arms: asked.null,
        n_per_arm: main.n / 2,
        n_treated: found.sizes.0,
        n_control: found.sizes.1,
        power: main.rejected,
        mc_error: main.error(),
        mc_error_trials: main.error_of_trials,
        mc_error_pool: main.error_of_pool,
        power_in_favor: main.in_favor,
        power_by_formula: own,
        type_one_error: found.null.rejected,
        type_one_mc_error: found.null.error_of_trials,
        other_tests: found.others.iter().map(|other| OtherTest::of(plan.test, other)).collect(),
        alpha: plan.alpha,
        sides: plan.sides,
        assurance: own_assured.map_or(main.rejected, |found| found.mean),
        assurance_ci_low: interval.map(|ends| ends.0),
        assurance_ci_high: interval.map(|ends| ends.1),
        assurance_low: own_assured.map(|found| found.quantile(0.1)),
        assurance_high: own_assured.map(|found| found.quantile(0.9)),
        power_by_member: own_assured.map_or(Vec::new(), |found| found.by_member.clone()),
        members_truth: moves.map(|(truth, _)| truth),
        members: pool.n_members,
        split: own_assured.and_then(|found| found.split),
        target_power: target,
        n_per_arm_for_target: found.n_for_target,
        n_per_arm_for_assurance: found.n_for_assurance,
        duration_days: main.days[0],
        duration_low_days: main.days[1],
        duration_high_days: main.days[2],
        enrollment_days: main.enrollment_days,
        patients_at_end: main.enrolled,
        information: main.information,
        without_number: main.without_number,
        effect: found.effect.clone(),
        looks,
        curve: points,
        trials: asked.trials,
        pool: pool.n(),
        design: plan.settings.clone(),
        source: plan.source.clone(),
        why: plan.why.clone(),
        notes,
    }
}
