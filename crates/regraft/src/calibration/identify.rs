//! What the published numbers say of the parameters, and what they do not.

use serde::Serialize;

use regraft_trial::UncertainParameter;

use super::fit::{Chains, features, slopes};
use super::likelihood::Likelihood;

/// Shrinkage below which a prediction rests on what was believed before looking.
pub const LITTLE: f64 = 0.2;

/// What the fit says of one parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Name.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Mean, in standard deviations before looking.
    pub mean: f64,
    /// Standard deviation in the same unit: 1 where nothing was learned.
    pub sd: f64,
    /// 1 − sd: share of the standard deviation that the numbers took away.
    pub shrinkage: f64,
    /// Potential scale reduction of the chains.
    pub r_hat: f64,
    /// Effective number of draws.
    pub effective: f64,
    /// Numbers that say most of it, with their share of the information.
    pub informed_by: Vec<(String, f64)>,
    /// Factor by which the numbers move what the cards say at the mean; of an effect the share that is left.
    pub factor: f64,
}

/// A direction in the space of the parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direction {
    /// Standard deviation along it: far below 1 where the numbers see it.
    pub sd: f64,
    /// Parameters with the largest loadings.
    pub loadings: Vec<(String, f64)>,
}

/// A published number that the posterior does not meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// `TRIAL/ARM/outcome`, with the day.
    pub row: String,
    /// Trial of the library in which it is simulated.
    pub trial: String,
    /// Published, natural.
    pub published: f64,
    /// At the mean of the posterior, natural.
    pub fitted: f64,
    /// Miss in standard deviations of row, function and trial.
    pub standardized: f64,
}

/// What the published numbers say of the parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identified {
    /// `[parameter]`
    pub parameters: Vec<Row>,
    /// Directions that the numbers see best, best first.
    pub seen: Vec<Direction>,
    /// Published numbers more than two standard deviations away.
    pub conflicts: Vec<Conflict>,
    /// Published numbers that the posterior mean meets within their 95 % interval, and all.
    pub met: (usize, usize),
}

/// Most entries of a list for people.
const FEW: usize = 3;

/// Directions that are shown.
const DIRECTIONS: usize = 12;

/// Reads what a fit says.
pub fn identify(parameters: &[UncertainParameter], likelihood: &Likelihood, chains: &Chains) -> Identified {
    let moments: Vec<(f64, f64)> = (0..parameters.len()).map(|p| chains.moments(p)).collect();
    let center: Vec<f64> = moments.iter().map(|(mean, _)| *mean).collect();
    let spreads = chains.spread();
    let at = features(parameters, &center);
    let (information, _) = likelihood.pulls(&at, spreads);
    let slopes = slopes(parameters, likelihood, &center);
    let rows = parameters.iter().enumerate().map(|(p, parameter)| {
        let of = |t: usize| slopes[(t, p)] * slopes[(t, p)] * information[(t, t)];
        let mut informing: Vec<(usize, f64)> = (0..likelihood.fitted.len()).map(|t| (t, of(t))).collect();
        let total: f64 = informing.iter().map(|(_, said)| said).sum();
        informing.sort_by(|a, b| b.1.total_cmp(&a.1));
        let named = informing.iter().take(FEW).filter(|(_, said)| *said > 0.05 * total && total > 0.02);
        let informed_by = named.map(|(t, said)| (label(likelihood, *t), said / total)).collect();
        let (mean, sd) = moments[p];
        let agreement = chains.agreement(p);
        Row {
            name: parameter.name.text.clone(),
            title: parameter.title.clone(),
            mean,
            sd,
            shrinkage: 1.0 - sd,
            r_hat: agreement.r_hat,
            effective: agreement.effective,
            informed_by,
            factor: factor(parameter, mean),
        }
    });
    let fitted = &likelihood.fitted;
    let standardized = likelihood.standardized(&at, spreads);
    let mut conflicts: Vec<Conflict> = (0..fitted.len())
        .filter(|t| standardized[*t].abs() > 2.0)
        .map(|t| Conflict {
            row: label(likelihood, t),
            trial: fitted[t].target.trial.clone(),
            published: fitted[t].target.kind.unlinked(fitted[t].target.observed),
            fitted: fitted[t].emulator.mean(&at),
            standardized: standardized[t],
        })
        .collect();
    conflicts.sort_by(|a, b| b.standardized.abs().total_cmp(&a.standardized.abs()));
    let misses = likelihood.misses(&at);
    let met = (0..fitted.len()).filter(|t| misses[*t].abs() <= 1.96 * fitted[*t].error).count();
    Identified {
        parameters: rows.collect(),
        seen: directions(parameters, chains),
        conflicts,
        met: (met, fitted.len()),
    }
}

/// By how much the mean moves a number: in the middle of a share by its odds.
fn factor(parameter: &UncertainParameter, mean: f64) -> f64 {
    parameter.moved(1.0, mean).max(parameter.moved(0.5, mean) * f64::from(u8::from(is_share(parameter))))
}

fn is_share(parameter: &UncertainParameter) -> bool {
    parameter.scale == regraft_trial::uncertainty::Scale::Logit
}

/// A target for people: its row, with the day.
pub(super) fn label(likelihood: &Likelihood, target: usize) -> String {
    let target = &likelihood.fitted[target].target;
    let published = &target.published;
    let day = target.day.map_or(String::new(), |day| format!(" day {}", day.round()));
    format!("{}/{}/{}{day}", published.trial_id, published.arm_id, published.outcome)
}

fn directions(parameters: &[UncertainParameter], chains: &Chains) -> Vec<Direction> {
    let eigen = chains.covariance().symmetric_eigen();
    let mut order: Vec<usize> = (0..parameters.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
    let direction = |at: &usize| {
        let column = eigen.eigenvectors.column(*at);
        let mut loadings: Vec<(String, f64)> = parameters
            .iter()
            .zip(column.iter())
            .map(|(p, loading)| (p.name.text.clone(), *loading))
            .collect();
        loadings.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        loadings.truncate(4);
        Direction { sd: eigen.eigenvalues[*at].max(0.0).sqrt(), loadings }
    };
    order.iter().take(DIRECTIONS).map(direction).collect()
}
