//! From findings against bars, and grades, to a verdict.

use regraft_trial::claim::Holds;
use serde::Serialize;

use super::TestFound;

/// Where the simulation lies against a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The whole interval lies on the side on which the claim holds.
    Holds,
    /// The whole interval lies on the other side.
    Fails,
    /// The interval holds the bar, or there is none.
    Open,
}

impl Outcome {
    /// Of an interval of simulation error.
    pub(super) fn of(ends: Option<(f64, f64)>, side: Holds, bar: f64) -> Outcome {
        match (ends, side) {
            (Some((low, _)), Holds::Above) if low > bar => Outcome::Holds,
            (Some((_, high)), Holds::Above) if high < bar => Outcome::Fails,
            (Some((_, high)), Holds::Below) if high < bar => Outcome::Holds,
            (Some((low, _)), Holds::Below) if low > bar => Outcome::Fails,
            _ => Outcome::Open,
        }
    }
}

/// What is to be thought of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The simulation shows all of it, and the proof of the therapy is moderate or better.
    Supported,
    /// The simulation shows some of it, or the trials are weak.
    Partly,
    /// The simulation shows none of it, or trials speak against it.
    NotSupported,
    /// Nothing decides it, or no trial has asked.
    Unknown,
}

impl Verdict {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::Partly => "partly supported",
            Verdict::NotSupported => "not supported",
            Verdict::Unknown => "unknown",
        }
    }
}

/// How far trials carry a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    Against,
    Nothing,
    Weak,
    Good,
}

fn proof(grade: Option<&str>) -> Proof {
    match grade {
        Some("strong" | "strong_moderate" | "moderate") => Proof::Good,
        Some("negative") => Proof::Against,
        Some("moderate_weak" | "weak" | "weak_conflicting" | "conflicting") => Proof::Weak,
        _ => Proof::Nothing,
    }
}

/// The verdict of a claim and its grounds.
///
/// The simulation comes first: what it does not show is not supported, whatever the trials. What it shows counts as
/// far as the least proven of the therapies that it was shown in.
pub(super) fn of_claim(tests: &[TestFound]) -> (Verdict, String) {
    let count = |outcome| tests.iter().filter(|test| test.outcome == outcome).count();
    let (holds, fails) = (count(Outcome::Holds), count(Outcome::Fails));
    let shown = format!("{holds} of {} findings pass their bar", tests.len());
    if holds + fails == 0 {
        return (Verdict::Unknown, "no finding lies clearly on one side of its bar".to_string());
    }
    if holds == 0 {
        return (Verdict::NotSupported, "the simulation does not show it".to_string());
    }
    let least = tests.iter().map(|test| proof(test.grade.as_deref())).min().unwrap_or(Proof::Nothing);
    match least {
        Proof::Against => (
            Verdict::NotSupported,
            format!("{shown}, but in at least one of these diseases trials speak against the therapy"),
        ),
        Proof::Nothing => (
            Verdict::Unknown,
            format!(
                "{shown}, but for at least one of these therapies no trial has asked: this is extrapolated"
            ),
        ),
        _ if holds < tests.len() => (Verdict::Partly, shown),
        Proof::Weak => {
            (Verdict::Partly, format!("{shown}, but the trials of at least one of these therapies are weak"))
        }
        Proof::Good => {
            (Verdict::Supported, format!("{shown}, and the proof of the therapy is moderate or better"))
        }
    }
}
