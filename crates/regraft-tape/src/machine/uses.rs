//! When each value is used next.

use super::operation::{Operation, Step, Value};

/// The time of a use that never comes.
pub(super) const NEVER: u32 = u32::MAX;

/// The steps that read each value, from the present one on.
#[derive(Debug)]
pub(super) struct Uses {
    /// Whether anything that is stored needs the step.
    needed: Vec<bool>,
    /// Indices of steps, those that read one value together and in order; [`NEVER`] ends them.
    times: Vec<u32>,
    /// Where in `times` the next use of each value stands.
    next: Vec<u32>,
}

impl Uses {
    /// The uses in steps that are needed.
    pub fn new(steps: &[Step]) -> Uses {
        let needed = needed(steps);
        let mut next = vec![0u32; steps.len()];
        let arguments = || {
            let needed = steps.iter().enumerate().filter(|&(index, _)| needed[index]);
            needed
                .flat_map(|(index, step)| step.arguments().iter().map(move |&value| (index, value as usize)))
        };
        arguments().for_each(|(_, value)| next[value] += 1);
        let mut end = 0;
        for count in &mut next {
            end += *count + 1;
            *count = end - 1 - *count;
        }
        let mut times = vec![NEVER; end as usize];
        let mut filled = next.clone();
        for (index, value) in arguments() {
            times[filled[value] as usize] = index as u32;
            filled[value] += 1;
        }
        Uses { needed, times, next }
    }

    /// Whether a step must be carried out.
    pub fn is_needed(&self, step: usize) -> bool {
        self.needed[step]
    }

    /// The step that uses a value next, or [`NEVER`].
    pub fn next(&self, value: Value) -> u32 {
        self.times[self.next[value as usize] as usize]
    }

    /// The steps that use a value from now on, each as often as it does.
    pub fn all(&self, value: Value) -> &[u32] {
        let rest = &self.times[self.next[value as usize] as usize..];
        let end = rest.iter().position(|&time| time == NEVER).expect("the uses of every value are ended");
        &rest[..end]
    }

    /// Whether no other step uses a value from now on.
    pub fn only(&self, value: Value, step: u32) -> bool {
        let rest = &self.times[self.next[value as usize] as usize..];
        rest.iter().take_while(|&&time| time != NEVER).all(|&time| time == step)
    }

    /// Takes note of one use.
    pub fn consume(&mut self, value: Value) {
        self.next[value as usize] += 1;
    }
}

/// Which steps lead to something stored.
fn needed(steps: &[Step]) -> Vec<bool> {
    let mut needed = vec![false; steps.len()];
    for (index, step) in steps.iter().enumerate().rev() {
        needed[index] |= matches!(step.operation, Operation::Store(_));
        if needed[index] {
            step.arguments().iter().for_each(|&value| needed[value as usize] = true);
        }
    }
    needed
}
