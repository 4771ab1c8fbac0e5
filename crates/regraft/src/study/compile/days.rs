//! Days that analyses ask for: each needs a visit near enough to count for it.

use regraft_model::Diagnostic;
use regraft_trial::codes::DAY_WITHOUT_VISIT;
use regraft_trial::protocol::ArmPlan;
use regraft_trial::trial_file::Analysis;

use crate::findings::AnalysisPlan;
use crate::outcomes::{CompiledEndpoint, CompiledKind, SeriesOf, WINDOW_DAYS, nearest_visit};

/// Days of an analysis on which some arm has no visit, with the visits nearest to them.
///
/// `endpoints` are the endpoint of the analysis in each arm.
pub fn check_days(
    analysis: &Analysis,
    plan: &AnalysisPlan,
    endpoints: &[&CompiledEndpoint],
    arms: &[ArmPlan],
) -> Vec<Diagnostic> {
    let asked: Vec<usize> = plan.arms.iter().copied().chain(plan.versus).collect();
    let without_visit = |day: &f64| {
        asked.iter().find_map(|arm| {
            let (visits, what) = visits(endpoints[*arm], &arms[*arm])?;
            nearest_visit(&visits, *day)
                .is_none()
                .then(|| problem(analysis, *day, &arms[*arm], &visits, what))
        })
    };
    analysis.at_days.iter().filter_map(without_visit).collect()
}

/// Days of the endpoint's clock on which its value is read in an arm, ascending, and what visits they are; `None` where
/// it is no value of visits. The day of entry is day 0 of every clock.
fn visits(endpoint: &CompiledEndpoint, arm: &ArmPlan) -> Option<(Vec<f64>, &'static str)> {
    let CompiledKind::Value { of, .. } = &endpoint.kind else { return None };
    let (days, what) = match of {
        SeriesOf::Score(_) => (&arm.score_days, "scores are read"),
        SeriesOf::Lab(_) | SeriesOf::Other(_) => (&arm.lab_days, "the laboratory measures"),
    };
    Some((std::iter::once(0.0).chain(days.iter().map(|day| day - endpoint.zero)).collect(), what))
}

fn problem(analysis: &Analysis, day: f64, arm: &ArmPlan, visits: &[f64], what: &str) -> Diagnostic {
    let message = format!(
        "`{}` has no visit within {WINDOW_DAYS} days of day {day} in arm `{}`",
        analysis.endpoint.text, arm.id
    );
    let before = visits.iter().copied().filter(|visit| *visit < day).max_by(f64::total_cmp);
    let after = visits.iter().copied().filter(|visit| *visit > day).min_by(f64::total_cmp);
    let nearest: Vec<String> = [before, after].into_iter().flatten().map(|visit| visit.to_string()).collect();
    let help = format!("the days nearest to it on which {what}: {}", nearest.join(" and "));
    Diagnostic::error(DAY_WITHOUT_VISIT, analysis.endpoint.span, message).with_help(help)
}
