//! Intervals that hold the doubt of the parameters: patients belong to members of the posterior, and how far members
//! differ is doubt that no number of patients takes away.

use regraft_stats::{Doubt, Z90, doubt, effective_size};
use serde::Serialize;

/// To which member each of some patients belongs, and what each counts.
#[derive(Debug, Clone, Copy)]
pub struct ByMember<'a> {
    /// `[patient]`; `None` where all live with the same parameters.
    pub members: Option<&'a [usize]>,
    /// `[patient]`, ≥ 0.
    pub weights: &'a [f64],
}

impl ByMember<'_> {
    /// Doubt of a statistic of the patients `rows`: `of` gives it for some of them, `luck` is its variance if all
    /// patients were independent. `None` with one set of parameters, or where members have too few patients to be told
    /// from them.
    pub fn doubt(
        &self,
        rows: &[usize],
        estimate: f64,
        luck: f64,
        of: &dyn Fn(&[usize]) -> Option<f64>,
    ) -> Option<Doubt> {
        let members = self.members?;
        let mut present: Vec<usize> =
            rows.iter().filter(|row| self.weights[**row] > 0.0).map(|row| members[*row]).collect();
        present.sort_unstable();
        present.dedup();
        let weight = |keep: &dyn Fn(usize) -> bool| -> f64 {
            rows.iter().filter(|row| keep(members[**row])).map(|row| self.weights[*row]).sum()
        };
        let all = weight(&|_| true);
        let mut without = Vec::with_capacity(present.len());
        for member in &present {
            let rest: Vec<usize> = rows.iter().copied().filter(|row| members[*row] != *member).collect();
            without.push(of(&rest)?);
        }
        let shares: Vec<f64> = present.iter().map(|own| weight(&|member| member == *own) / all).collect();
        let counted: Vec<f64> = rows.iter().map(|row| self.weights[*row]).collect();
        doubt(estimate, &without, &shares, luck, effective_size(&counted))
    }

    /// Kish's effective number of members, each by the weight of its patients; `None` with one set of parameters.
    pub fn effective_members(&self) -> Option<f64> {
        let members = self.members?;
        let n = members.iter().max().map_or(0, |most| most + 1);
        let mut weights = vec![0.0; n];
        members.iter().zip(self.weights).for_each(|(member, weight)| weights[*member] += weight);
        Some(effective_size(&weights))
    }
}

/// How much of a doubt lies in the parameters; the rest lies in patients and chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Split {
    /// Share of the variance.
    pub parameters: f64,
    /// Lower end of its 90 % interval, by the number of members.
    pub parameters_low: f64,
    /// Upper end.
    pub parameters_high: f64,
    /// Patients and chance.
    pub patients_and_chance: f64,
}

impl Split {
    /// That of an estimate whose variance by luck is known; `None` where nothing varies.
    pub fn of(doubt: &Doubt, luck: f64) -> Option<Split> {
        let share = |between: f64| between.max(0.0) / (between.max(0.0) + luck);
        let at = |z: f64| share(doubt.between + z * doubt.between_error);
        (doubt.between + luck > 0.0 && luck > 0.0).then(|| Split {
            parameters: at(0.0),
            parameters_low: at(-Z90),
            parameters_high: at(Z90),
            patients_and_chance: 1.0 - at(0.0),
        })
    }
}

/// Moves the ends of an interval of luck alone outward, by as much as the doubt is wider.
pub fn widen(value: f64, (low, high): (f64, f64), doubt: &Doubt, luck: f64) -> (f64, f64) {
    let times = if luck > 0.0 { (doubt.total() / luck).sqrt().max(1.0) } else { 1.0 };
    (value - times * (value - low), value + times * (high - value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_split_with_its_ends() {
        let doubt = Doubt { between: 3.0, between_error: 1.0, error: 1.0 };
        let split = Split::of(&doubt, 1.0).expect("it varies");
        assert_eq!((split.parameters, split.patients_and_chance), (0.75, 0.25));
        assert!((split.parameters_low - (3.0 - Z90) / (4.0 - Z90)).abs() < 1e-12);
        assert!((split.parameters_high - (3.0 + Z90) / (4.0 + Z90)).abs() < 1e-12);
        let none = Split::of(&Doubt { between: 0.0, ..doubt }, 1.0).expect("it varies");
        assert_eq!((none.parameters, none.parameters_low), (0.0, 0.0));
        assert!(none.parameters_high > 0.5, "what is not known is not nothing");
        assert_eq!(Split::of(&doubt, 0.0), None);
    }
}
