//! A claim that is made for a therapy, and the findings of trials of the library by which it is tried.

mod read;

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::name::Name;
use crate::quantity::Provenance;
use crate::reader::read_text;
use crate::trial_file::Method;

/// A claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Identifier.
    pub id: Name,
    /// The claim in a few words.
    pub title: String,
    /// Place in the list of all claims.
    pub place: u32,
    /// What is claimed, in a sentence or two.
    pub statement: String,
    /// What trials say, in words.
    pub trials_say: String,
    /// Source and grounds of what trials say.
    pub provenance: Provenance,
    /// Findings by which the claim is tried; at least one.
    pub tests: Vec<Test>,
}

/// A finding and what it must be for the claim to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What is looked at, in words.
    pub title: String,
    /// The trial.
    pub trial: Name,
    /// The endpoint of one of its analyses.
    pub endpoint: Name,
    /// The method of that analysis.
    pub method: Method,
    /// The arm.
    pub arm: Name,
    /// The arm it is compared with, where the analysis compares.
    pub versus: Option<Name>,
    /// The day, where the analysis names days.
    pub at_day: Option<f64>,
    /// On which side of the bar the claim holds.
    pub holds: Holds,
    /// The bar, in the unit of the finding.
    pub bar: f64,
    /// Why this bar.
    pub why: String,
    /// Where it stands.
    pub span: Span,
}

/// On which side of a bar a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

impl Claim {
    /// Reads a claim. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read::read)
    }
}

#[cfg(test)]
mod tests;
