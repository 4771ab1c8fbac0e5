//! What a diagram holds.

use serde::Serialize;

use super::reduce::Aside;

/// Steady states over a range of one quantity.
#[derive(Debug, Clone, Serialize)]
pub struct Diagram {
    /// Full name of what is varied.
    pub over: String,
    /// Its unit.
    pub over_unit: String,
    /// Its value in the card or model.
    pub own_value: f64,
    /// First value.
    pub from: f64,
    /// Last value.
    pub to: f64,
    /// Full name of the state shown.
    pub state: String,
    /// Its unit.
    pub state_unit: String,
    /// Branches, in the order in which they were found.
    pub branches: Vec<Branch>,
    /// Where the number or the stability of steady states changes, ascending.
    pub bifurcations: Vec<Bifurcation>,
    /// Steady states at the values of the grid and at the model's own value, ascending.
    pub grid: Vec<AtValue>,
    /// States that were set aside.
    pub aside: Vec<SetAside>,
    /// Conserved sums, as text.
    pub conserved: Vec<String>,
    /// What could not be done.
    pub notes: Vec<String>,
}

/// A branch of steady states.
#[derive(Debug, Clone, Serialize)]
pub struct Branch {
    /// Points in order along the branch.
    pub points: Vec<Steady>,
}

/// One steady state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Steady {
    /// Value of what is varied.
    pub value: f64,
    /// Value of the state shown.
    pub state: f64,
    /// Whether a small push dies out; `None` if the eigenvalues could not be found.
    pub stable: Option<bool>,
    /// Largest real part of the eigenvalues, per unit of time.
    pub growth: Option<f64>,
}

/// Kinds of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Two steady states meet and vanish.
    Fold,
    /// A pair of complex eigenvalues crosses: oscillation begins.
    Hopf,
    /// Stability changes without a fold: another branch crosses.
    Crossing,
}

/// A place where something changes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bifurcation {
    /// What.
    pub kind: Kind,
    /// Value of what is varied.
    pub value: f64,
    /// Value of the state shown.
    pub state: f64,
}

/// All steady states at one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtValue {
    /// Value of what is varied.
    pub value: f64,
    /// Steady states by the state shown, ascending.
    pub steady: Vec<Steady>,
}

/// A state that was set aside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetAside {
    /// Full name.
    pub state: String,
    /// Why.
    pub why: Aside,
}
