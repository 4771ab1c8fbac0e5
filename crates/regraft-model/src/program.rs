//! The flat program: arrays and index lists, no names in the hot path.
//!
//! A program is an expression graph in topological order (a node only refers to
//! earlier nodes, equal nodes are shared) with lists of which nodes are derivatives,
//! Jacobian entries, observables, triggers and assignments.

/// Index into [`Program::nodes`].
pub type NodeId = u32;

/// A function of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    /// −a
    Negate,
    /// |a|
    Absolute,
    /// eᵃ
    Exp,
    /// ln a
    Ln,
    /// √a
    Sqrt,
    /// sin a
    Sin,
    /// cos a
    Cos,
    /// tan a
    Tan,
    /// arcsin a
    Asin,
    /// arccos a
    Acos,
    /// arctan a
    Atan,
    /// hyperbolic sine
    Sinh,
    /// hyperbolic cosine
    Cosh,
    /// hyperbolic tangent
    Tanh,
    /// largest integer ≤ a
    Floor,
    /// smallest integer ≥ a
    Ceil,
    /// a! for whole a, Γ(a+1) else
    Factorial,
    /// 1 if a = 0, else 0
    Not,
}

/// A function of two arguments. Comparisons and logic give 1 or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a · b
    Multiply,
    /// a / b
    Divide,
    /// aᵇ
    Power,
    /// smaller
    Min,
    /// larger
    Max,
    /// remainder with the sign of `b` (SBML `rem` follows the dividend; see the language page)
    Modulo,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a > b
    Greater,
    /// a ≥ b
    GreaterEqual,
    /// a = b
    Equal,
    /// a ≠ b
    NotEqual,
    /// a and b
    And,
    /// a or b
    Or,
}

/// A random draw. Allowed in initial values and event assignments only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// `exponential(rate)`
    Exponential,
    /// `normal(mean, sd)`
    Normal,
    /// `uniform(low, high)`
    Uniform,
    /// `lognormal(mean of log, sd of log)`
    LogNormal,
    /// `poisson(mean)`
    Poisson,
}

/// One node of the expression graph. Every [`NodeId`] inside is smaller than the node's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// A number.
    Constant(f64),
    /// Time, in the model's time unit.
    Time,
    /// Value of a state.
    State(u32),
    /// Value of a parameter (fixed between events and doses).
    Parameter(u32),
    /// A draw from `Program::streams[stream]`; the arguments not used by the distribution are a constant 0.
    Draw {
        /// What is drawn.
        distribution: Distribution,
        /// Index into [`Program::streams`].
        stream: u32,
        /// First argument.
        first: NodeId,
        /// Second argument.
        second: NodeId,
    },
    /// f(a)
    Unary(Unary, NodeId),
    /// f(a, b)
    Binary(Binary, NodeId, NodeId),
    /// `then` where `condition` ≠ 0, else `otherwise`.
    Select {
        /// Condition.
        condition: NodeId,
        /// Value where it holds.
        then: NodeId,
        /// Value elsewhere.
        otherwise: NodeId,
    },
}

/// Something that has a value in a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Full name: path through the sub-models, joined by `.` (`clone.autoreactive_memory`).
    pub name: String,
    /// Unit as written, empty if none was declared.
    pub unit: String,
    /// What the reader is told about it (the display name, else empty).
    pub label: String,
}

/// What an assignment, a dose or an override changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// `Program::states[_]`
    State(u32),
    /// `Program::parameters[_]`
    Parameter(u32),
}

/// One non-zero of the Jacobian ∂f_row/∂y_column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JacobianEntry {
    /// State whose derivative is differentiated.
    pub row: u32,
    /// State by which.
    pub column: u32,
    /// Value.
    pub node: NodeId,
}

/// A compartment with what is held as a concentration in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Compartment {
    /// Its size.
    pub size: NodeId,
    /// The species in it that follow no assignment rule.
    pub species: Vec<Target>,
}

/// Something that happens when a condition becomes true.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Name, with path as in [`Quantity::name`].
    pub name: String,
    /// Fires when this node goes from 0 to non-zero.
    pub condition: NodeId,
    /// left − right of each comparison inside the condition: where one changes sign the
    /// condition may change. Used to locate the moment.
    pub roots: Vec<NodeId>,
    /// What is assigned, all right-hand sides read before the first is written.
    pub assignments: Vec<(Target, NodeId)>,
    /// Compartments whose size the assignments may change. The amounts in them stay: after the assignments each
    /// species is multiplied by the size before over the size after.
    pub resized: Vec<Compartment>,
    /// Delay in the model's time unit, if any.
    pub delay: Option<NodeId>,
    /// Larger fires first among simultaneous events; ties by declaration order.
    pub priority: Option<NodeId>,
    /// Whether the condition counts as true before the start (then it cannot fire at the start). SBML `t0`.
    pub true_before_start: bool,
    /// Whether a delayed event still happens if its condition has gone false meanwhile.
    pub persistent: bool,
    /// Whether right-hand sides are read at the trigger (true) or at execution of a delayed event.
    pub values_from_trigger: bool,
}

/// A model made flat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// Name of the model.
    pub name: String,
    /// States, in declaration order.
    pub states: Vec<Quantity>,
    /// Everything with a value that only events, doses and overrides change.
    pub parameters: Vec<Quantity>,
    /// Assignment rules, in declaration order.
    pub observables: Vec<Quantity>,
    /// Names of random streams, for [`Node::Draw`].
    pub streams: Vec<String>,
    /// The graph.
    pub nodes: Vec<Node>,
    /// dy/dt, `[state]`.
    pub derivatives: Vec<NodeId>,
    /// ∂f/∂t at fixed y, `[state]`; a constant 0 for an autonomous model.
    pub time_derivatives: Vec<NodeId>,
    /// Non-zeros of ∂f/∂y, sorted by row, then column.
    pub jacobian: Vec<JacobianEntry>,
    /// Value of each observable, `[observable]`.
    pub observable_nodes: Vec<NodeId>,
    /// Starting values in the order in which they are to be computed. A node may refer to
    /// states and parameters set earlier in the list. An override of a target replaces its entry.
    /// Every state and parameter has exactly one entry.
    pub initial: Vec<(Target, NodeId)>,
    /// Events, in declaration order.
    pub events: Vec<Event>,
}

/// What a name means in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A state.
    State(u32),
    /// A parameter.
    Parameter(u32),
    /// An observable.
    Observable(u32),
    /// An event.
    Event(u32),
}

/// Why a name means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameError {
    /// No such name; the nearest, if one is near.
    Unknown(Option<String>),
    /// The last part of several full names.
    Ambiguous(Vec<String>),
}

impl Program {
    /// Finds a state, parameter, observable or event by its full name, or by the end of
    /// its full name where only one has it (`clone.autoreactive_memory` or
    /// `autoreactive_memory` for `immune.clone.autoreactive_memory`).
    ///
    /// # Errors
    /// [`NameError`] with the nearest name or all names that match.
    pub fn find(&self, name: &str) -> Result<Found, NameError> {
        self.lookup(name).map_err(NameError::Ambiguous)?.ok_or_else(|| {
            let full = || self.names().map(|(full, _)| full);
            let leaves = full().map(|full| full.rsplit('.').next().unwrap_or(full));
            NameError::Unknown(crate::diag::nearest(name, full().chain(leaves)).map(str::to_string))
        })
    }

    /// As [`Program::find`], for names that need not be there: `None` where nothing has the name, and no search for
    /// the nearest one, which takes a thousand times as long.
    ///
    /// # Errors
    /// All names that match, where several do.
    pub fn lookup(&self, name: &str) -> Result<Option<Found>, Vec<String>> {
        if let Some((_, found)) = self.names().find(|(full, _)| *full == name) {
            return Ok(Some(found));
        }
        let ends: Vec<(&str, Found)> = self.names().filter(|(full, _)| ends_with_path(full, name)).collect();
        match ends.as_slice() {
            [] => Ok(None),
            [(_, found)] => Ok(Some(*found)),
            several => Err(several.iter().map(|(full, _)| full.to_string()).collect()),
        }
    }

    /// Every full name, and what has it.
    fn names(&self) -> impl Iterator<Item = (&str, Found)> {
        let states = self.states.iter().map(|q| q.name.as_str()).zip((0..).map(Found::State));
        let parameters = self.parameters.iter().map(|q| q.name.as_str()).zip((0..).map(Found::Parameter));
        let observables = self.observables.iter().map(|q| q.name.as_str()).zip((0..).map(Found::Observable));
        let events = self.events.iter().map(|e| e.name.as_str()).zip((0..).map(Found::Event));
        states.chain(parameters).chain(observables).chain(events)
    }
}

/// Whether the dotted name `full` ends with the dotted name `end`, on a border between parts.
pub(crate) fn ends_with_path(full: &str, end: &str) -> bool {
    full.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}
