//! Chemical kinetics: a list of reactions as right-hand side and Jacobian.

/// One reaction of mass action: its rate is `constant` times the amounts of all `from`.
///
/// States are counted from 1, as in the sources. A state consumed or made twice stands twice in `to`;
/// none stands twice in `from`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reaction {
    pub constant: f64,
    pub from: &'static [usize],
    pub to: &'static [usize],
}

/// Shorthand for a line of a table of reactions.
pub(super) const fn reaction(constant: f64, from: &'static [usize], to: &'static [usize]) -> Reaction {
    Reaction { constant, from, to }
}

impl Reaction {
    /// constant · Π amounts, the reactant `without` left out.
    fn rate_without(&self, y: &[f64], without: Option<usize>) -> f64 {
        let others = self.from.iter().filter(|&&state| Some(state) != without);
        others.fold(self.constant, |rate, &state| rate * y[state - 1])
    }

    /// States that change, with −1 or +1 each.
    fn changes(&self) -> impl Iterator<Item = (usize, f64)> {
        let consumed = self.from.iter().map(|&state| (state, -1.0));
        consumed.chain(self.to.iter().map(|&state| (state, 1.0)))
    }
}

/// One summand of the Jacobian: ± ∂rate/∂(one reactant).
#[derive(Debug, Clone, Copy)]
struct Term {
    /// Place among the non-zeros.
    slot: usize,
    reaction: usize,
    by: usize,
    change: f64,
}

/// Reactions with the pattern of their Jacobian.
#[derive(Debug, Clone)]
pub(super) struct Network {
    reactions: &'static [Reaction],
    /// Non-zeros of the Jacobian, by row, then column.
    pub entries: Vec<(u32, u32)>,
    terms: Vec<Term>,
}

impl Network {
    /// Finds the pattern of the Jacobian.
    pub fn new(reactions: &'static [Reaction]) -> Network {
        let mut entries: Vec<(u32, u32)> = places(reactions).map(|(entry, ..)| entry).collect();
        entries.sort_unstable();
        entries.dedup();
        let slot = |entry| entries.binary_search(&entry).expect("every place is among the entries");
        let terms = places(reactions)
            .map(|(entry, reaction, by, change)| Term { slot: slot(entry), reaction, by, change })
            .collect();
        Network { reactions, terms, entries }
    }

    /// Sums the rates of all reactions, each times its change.
    pub fn derivatives(&self, y: &[f64], dy: &mut [f64]) {
        dy.fill(0.0);
        for reaction in self.reactions {
            let rate = reaction.rate_without(y, None);
            for (state, change) in reaction.changes() {
                dy[state - 1] += change * rate;
            }
        }
    }

    /// Non-zeros of ∂f/∂y in the order of `entries`.
    pub fn jacobian(&self, y: &[f64], jacobian: &mut [f64]) {
        jacobian.fill(0.0);
        for term in &self.terms {
            let slope = self.reactions[term.reaction].rate_without(y, Some(term.by));
            jacobian[term.slot] += term.change * slope;
        }
    }
}

/// (row, column), reaction, reactant, change: every summand of the Jacobian.
fn places(reactions: &'static [Reaction]) -> impl Iterator<Item = ((u32, u32), usize, usize, f64)> {
    reactions.iter().enumerate().flat_map(|(index, reaction)| {
        reaction.changes().flat_map(move |(state, change)| {
            let entry = move |by: usize| ((state - 1) as u32, (by - 1) as u32);
            reaction.from.iter().map(move |&by| (entry(by), index, by, change))
        })
    })
}
