//! What is done to the patients: doses at fixed times, and rules that react.

use regraft_model::Target;

/// An amount: a number times up to two of the patient's factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// The number, in the target's unit after multiplication.
    pub value: f64,
    /// Column of [`Patients::factors`](crate::Patients::factors).
    pub factor: Option<u32>,
    /// A second column.
    pub second_factor: Option<u32>,
}

impl Amount {
    /// The same amount for every patient.
    pub fn fixed(value: f64) -> Amount {
        Amount { value, factor: None, second_factor: None }
    }

    /// value · factor · second factor, with the patient's `factors`.
    pub fn of(&self, factors: &[f64]) -> f64 {
        let times = |column: Option<u32>| column.map_or(1.0, |column| factors[column as usize]);
        self.value * times(self.factor) * times(self.second_factor)
    }
}

/// Something done to a patient at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Adds an amount to a state at once.
    Add {
        /// State that receives it.
        state: u32,
        /// How much.
        amount: Amount,
    },
    /// Adds an amount to a state at a constant rate, amount / duration, from now on. Infusions may overlap.
    Infuse {
        /// State that receives it.
        state: u32,
        /// How much in all.
        amount: Amount,
        /// How long, in the model's time unit; > 0.
        duration_days: f64,
    },
    /// Sets a state or a parameter.
    Set {
        /// What is set.
        target: Target,
        /// To what.
        value: Amount,
    },
    /// Multiplies a state or a parameter.
    Scale {
        /// What is multiplied.
        target: Target,
        /// By what.
        factor: Amount,
    },
    /// Sets a state or a parameter that lies above `above` and not above `to`: a step of a ladder.
    SetBetween {
        /// What is set.
        target: Target,
        /// Values above this one.
        above: f64,
        /// Up to this one, itself included.
        to: f64,
        /// To what.
        value: Amount,
    },
    /// Ends the patient's course here.
    Stop,
}

/// An action at a fixed time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// When, in the model's time unit, within the plan.
    pub time: f64,
    /// What.
    pub action: Action,
    /// Only to patients in whom this factor is not 0.
    pub given_if: Option<u32>,
    /// No longer once this rule of the plan has acted in the patient.
    pub until_rule: Option<u32>,
}

impl Dose {
    /// A dose for every patient.
    pub fn new(time: f64, action: Action) -> Dose {
        Dose { time, action, given_if: None, until_rule: None }
    }
}

/// What wakes a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// An event of the program, each time it happens.
    Event(u32),
    /// Moments, such as visits; in any order. Those outside the plan are ignored.
    Times(Vec<f64>),
}

/// A decision that depends on the patient's state: when woken, act or not.
///
/// The tests are made in this order: window, `given_if`, `until`, `max_times`, `refractory_days`, `condition`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What wakes it.
    pub trigger: Trigger,
    /// Start of the time in which it listens (inclusive).
    pub from: f64,
    /// End of the time in which it listens (inclusive).
    pub to: f64,
    /// Observable: the rule acts only where it is not 0.
    pub condition: Option<u32>,
    /// Observable: once it is not 0 when the rule is woken, the rule is over for this patient.
    pub until: Option<u32>,
    /// Factor: the rule exists only for patients in whom it is not 0.
    pub given_if: Option<u32>,
    /// What is done, and how long after the decision (≥ 0; 0 is at once).
    pub actions: Vec<(f64, Action)>,
    /// How often it may act in one patient.
    pub max_times: Option<u32>,
    /// How long after having acted it does not act again; 0 for none.
    pub refractory_days: f64,
}

impl Rule {
    /// A rule that always acts when woken.
    pub fn new(trigger: Trigger, actions: Vec<(f64, Action)>) -> Rule {
        Rule {
            trigger,
            from: f64::NEG_INFINITY,
            to: f64::INFINITY,
            condition: None,
            until: None,
            given_if: None,
            actions,
            max_times: None,
            refractory_days: 0.0,
        }
    }
}

/// What is done from `start` to `end`, the same for all patients but for their factors and their states.
///
/// Order at one moment: infusions end; doses in the order of the list; delayed actions of rules in the
/// order of the decisions; the program's events, with the rules they wake; rules with times, in the order
/// of the list; events again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// First moment, in the model's time unit.
    pub start: f64,
    /// Last moment, ≥ start; what is due then still happens.
    pub end: f64,
    /// Doses; at equal times the order of the list counts.
    pub doses: Vec<Dose>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Events of the program that end a patient's course, such as death.
    pub stop_on: Vec<u32>,
}

impl Plan {
    /// All actions: those of the doses, then those of the rules.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        let from_rules = self.rules.iter().flat_map(|rule| rule.actions.iter().map(|(_, action)| action));
        self.doses.iter().map(|dose| &dose.action).chain(from_rules)
    }

    /// The largest amount given to each state at a time, before factors, `[state]`; 0 for none.
    pub fn largest_doses(&self, n_states: usize) -> Vec<f64> {
        let mut largest = vec![0.0f64; n_states];
        for action in self.actions() {
            let (Action::Add { state, amount } | Action::Infuse { state, amount, .. }) = action else {
                continue;
            };
            if let Some(size) = largest.get_mut(*state as usize) {
                *size = size.max(amount.value.abs());
            }
        }
        largest
    }
}
