//! What the model's uncertain parameters are after looking at published outcomes: draws, and members who live by them.
//!
//! A member is one complete set of the uncertain parameters. Patient number i lives with member i mod n, so that a
//! cohort holds every member equally often, a larger cohort extends a smaller one, and a patient keeps the same
//! parameters in every arm.

mod bound;
mod doubt;
mod file;
mod spread;

use std::sync::Arc;

use regraft_stats::Seed;
use regraft_trial::UncertainParameter;

pub use bound::BoundMembers;
pub use doubt::{ByMember, Split, widen};
pub use file::PosteriorError;
pub use spread::{TrialMiss, TrialSpread, Unseen};

/// Draws from the posterior of the uncertain parameters, all of equal weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// Its version, the name of its folder.
    pub version: String,
    /// Names of the parameters.
    pub parameters: Vec<String>,
    /// `[draw, parameter]`, in standard deviations before looking.
    pub draws: Vec<f64>,
    /// How far the fitted trials lie apart that should not, by kind of outcome.
    pub spread: TrialSpread,
    /// The same of trials that nothing was fitted to; `None` where that was not looked at.
    pub unseen: Option<Unseen>,
}

impl Posterior {
    /// Number of draws.
    pub fn n_draws(&self) -> usize {
        self.draws.len() / self.parameters.len().max(1)
    }

    /// How far a new trial may lie from what is predicted: by what trials say that nothing was fitted to, where they
    /// were looked at, else as far as the fitted ones.
    pub fn spread_of_new(&self) -> TrialSpread {
        self.unseen.as_ref().map_or(self.spread, Unseen::of_unread)
    }

    /// How far a trial may lie from what is predicted whose words were read when the rules of scoring were made: as far as
    /// trials say that nothing was fitted to, where they were looked at, else as far as the fitted ones.
    pub fn spread_of_read(&self) -> TrialSpread {
        self.unseen.as_ref().map_or(self.spread, |unseen| unseen.spread)
    }

    /// Draw `row` of parameter `name`; `None` where the posterior does not know it.
    fn value(&self, row: usize, name: &str) -> Option<f64> {
        let at = self.parameters.iter().position(|known| known == name)?;
        Some(self.draws[row * self.parameters.len() + at])
    }

    /// Mean of parameter `name`.
    fn mean(&self, name: &str) -> Option<f64> {
        let values: Option<Vec<f64>> = (0..self.n_draws()).map(|row| self.value(row, name)).collect();
        values
            .filter(|values| !values.is_empty())
            .map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }
}

/// Which parameters patients live with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PosteriorUse {
    /// Those of the cards.
    None,
    /// The mean of the posterior.
    Point,
    /// Draws of the posterior, so many of them.
    Ensemble(usize),
}

/// Complete sets of the uncertain parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    /// What they are, for people.
    pub title: String,
    /// The parameters.
    pub parameters: Vec<UncertainParameter>,
    /// `[member, parameter]`, in standard deviations before looking.
    pub z: Vec<f64>,
}

impl Members {
    /// Members of a posterior; `None` where patients live with the cards.
    ///
    /// A parameter that the posterior does not know stays at the cards in a point, and is drawn as before looking in
    /// an ensemble.
    pub fn of(
        posterior: &Posterior,
        parameters: Vec<UncertainParameter>,
        choice: PosteriorUse,
    ) -> Option<Members> {
        let title = match choice {
            PosteriorUse::Ensemble(n) => format!("{n} draws of posterior {}", posterior.version),
            _ => format!("mean of posterior {}", posterior.version),
        };
        let z = match choice {
            PosteriorUse::None => return None,
            PosteriorUse::Point => {
                parameters.iter().map(|p| posterior.mean(&p.name.text).unwrap_or(p.neutral())).collect()
            }
            PosteriorUse::Ensemble(n) => {
                let draw = |member: usize, p: &UncertainParameter| {
                    let row = member * posterior.n_draws() / n.max(1) % posterior.n_draws().max(1);
                    let unknown =
                        || Seed(0).stream(member as u64, &format!("prior:{}", p.name.text)).normal(0);
                    posterior.value(row, &p.name.text).unwrap_or_else(unknown)
                };
                (0..n.max(1)).flat_map(|member| parameters.iter().map(move |p| draw(member, p))).collect()
            }
        };
        Some(Members { title, parameters, z })
    }

    /// Members drawn as before looking at outcomes: what is believed of the parameters where there is no posterior.
    pub fn before_looking(parameters: Vec<UncertainParameter>, n: usize) -> Members {
        let draw = |member: usize, p: &UncertainParameter| {
            Seed(0).stream(member as u64, &format!("prior:{}", p.name.text)).normal(0)
        };
        let z = (0..n.max(1)).flat_map(|member| parameters.iter().map(move |p| draw(member, p))).collect();
        Members { title: format!("{n} draws of the parameters before looking at outcomes"), parameters, z }
    }

    /// Number of members.
    pub fn n_members(&self) -> usize {
        self.z.len() / self.parameters.len().max(1)
    }

    /// The values of a member, `[parameter]`.
    pub fn z_of(&self, member: usize) -> &[f64] {
        let width = self.parameters.len();
        &self.z[member * width..(member + 1) * width]
    }
}

/// Members that a library's trials are prepared with.
pub type SharedMembers = Option<Arc<Members>>;

#[cfg(test)]
mod tests;
