//! Published values beside an analysis.

use regraft_model::Diagnostic;

use super::Trial;
use crate::codes;
use crate::evidence::{Evidence, Published};
use crate::trial_file::{Analysis, PublishedRef};

/// A published value beside an arm of the trial.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedValue {
    /// Position of the arm in [`Trial::arms`].
    pub arm: usize,
    /// Day of the endpoint's clock for which it stands, if it has one.
    pub at_day: Option<f64>,
    /// The value, transformed as the trial says.
    pub value: Published,
}

impl Trial {
    /// The published values of an analysis, in the order of the file. A percentage without a printed
    /// interval gets Wilson's at the level of the analysis. What may not be shown is in the list of problems.
    pub fn published(
        &self,
        analysis: &Analysis,
        evidence: &Evidence,
    ) -> (Vec<PublishedValue>, Vec<Diagnostic>) {
        let (mut values, mut problems) = (Vec::new(), Vec::new());
        for reference in &analysis.published {
            let Some(arm) = self.published_arm(reference) else { continue };
            match self.transformed(reference, evidence, analysis.level) {
                Ok(found) => {
                    let at_day = reference.at_day;
                    values.extend(found.into_iter().map(|value| PublishedValue { arm, at_day, value }));
                }
                Err(problem) => problems.push(problem),
            }
        }
        (values, problems)
    }

    fn transformed(
        &self,
        reference: &PublishedRef,
        evidence: &Evidence,
        level: f64,
    ) -> Result<Vec<Published>, Diagnostic> {
        let rows = evidence.published(&reference.row, level)?;
        let unit = rows[0].unit.clone();
        let transformed: Option<Vec<Published>> =
            rows.into_iter().map(|row| row.transformed(reference.transform)).collect();
        transformed.ok_or_else(|| {
            let message = format!("a published value in `{unit}` cannot be transformed like this");
            let help = "`complement` needs per cent, `percent_of_n` needs patients and their number";
            Diagnostic::error(codes::CONTRADICTION, reference.span, message).with_help(help)
        })
    }
}
