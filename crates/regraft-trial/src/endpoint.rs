//! An endpoint: what counts as an event, or which number is compared, in words and in data.

mod read;

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::name::Name;
use crate::quantity::Provenance;
use crate::reader::read_text;

/// An endpoint card.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// Title of what is counted, where the title names the state that lasts until then (survival).
    pub event_title: Option<String>,
    /// The definition as in the publication.
    pub definition: String,
    /// Source and grounds of the definition.
    pub provenance: Provenance,
    /// What is computed.
    pub kind: EndpointKind,
    /// When the endpoint's clock starts.
    pub clock: Clock,
    /// Whether the event is good or bad for the patient.
    pub direction: Direction,
    /// Unit of the value where it has one.
    pub unit: Option<String>,
    /// What patients with the event did ("progressed"), for sentences in reports.
    pub verb: Option<String>,
    /// What happens to a patient, in words that everyone knows, for pages read together with a physician.
    pub plain: Option<String>,
}

impl Endpoint {
    /// Title of what is counted.
    pub fn counted(&self) -> &str {
        self.event_title.as_deref().unwrap_or(&self.title)
    }
}

/// Whether more of it is good or bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is bad.
    Harm,
    /// More is good.
    Benefit,
}

/// When an endpoint's clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// At the trial's time zero: the same for all arms.
    TimeZero,
    /// At day zero of the arm's regimen (the graft). May not compare arms.
    DayZero,
}

/// What an endpoint computes for one patient.
#[derive(Debug, Clone, PartialEq)]
pub enum EndpointKind {
    /// Days until the first event.
    TimeToEvent {
        /// The event is the first of these.
        events: Vec<EventRule>,
        /// These make it impossible.
        competing: Vec<EventRule>,
        /// At these the patient is no longer counted.
        censor: Vec<EventRule>,
    },
    /// A value at a visit minus the value at entry.
    Change {
        /// Of what.
        of: Measured,
    },
    /// A value at a visit.
    Mean {
        /// Of what.
        of: Measured,
    },
    /// Events per year under observation.
    AnnualRate {
        /// What is counted.
        events: Vec<EventRule>,
        /// Counted from this day of the clock; 0 where not written.
        from_day: f64,
        /// Counted to this day of the clock; the end where not written.
        to_day: Option<f64>,
    },
    /// Share of patients with an event by a day.
    Proportion {
        /// The event is any of these.
        events: Vec<EventRule>,
        /// By this day of the clock; the analysis' day where not written.
        by_day: Option<f64>,
    },
}

impl EndpointKind {
    /// Whether an event asks for a score and for a laboratory value or a quantity of the model at one visit.
    pub fn mixes_readings(&self) -> bool {
        let reads_score = |rule: &EventRule| {
            matches!(
                rule.kind,
                EventKind::ScoreChange { .. } | EventKind::Threshold { of: Measured::Score(_), .. }
            )
        };
        let reads_other = |rule: &EventRule| {
            matches!(rule.kind, EventKind::Threshold { of: Measured::Lab(_) | Measured::Observable(_), .. })
        };
        let mixes =
            |rule: &&EventRule| rule.parts().iter().any(reads_score) && rule.parts().iter().any(reads_other);
        self.whole_rules().iter().any(mixes)
    }

    /// The quantities of the model that it reads without error, each with its place: 0 for a mean or a change,
    /// else that of the rule in [`EndpointKind::rules`].
    pub fn observables(&self) -> Vec<(usize, &Name)> {
        let own = self.measured().into_iter().map(|of| (0, of));
        let rules = self.rules().into_iter().enumerate();
        let thresholds = rules.filter_map(|(place, rule)| match &rule.kind {
            EventKind::Threshold { of, .. } => Some((place, of)),
            _ => None,
        });
        let all = own.chain(thresholds);
        all.filter_map(|(place, of)| match of {
            Measured::Observable(written) => Some((place, written)),
            _ => None,
        })
        .collect()
    }

    /// What a mean or a change is taken of.
    pub fn measured(&self) -> Option<&Measured> {
        match self {
            EndpointKind::Change { of } | EndpointKind::Mean { of } => Some(of),
            _ => None,
        }
    }

    /// All event rules: events, competing, censoring; behind each the parts of which it consists.
    pub fn rules(&self) -> Vec<&EventRule> {
        let whole = self.whole_rules();
        whole.into_iter().flat_map(|rule| std::iter::once(rule).chain(rule.parts())).collect()
    }

    fn whole_rules(&self) -> Vec<&EventRule> {
        match self {
            EndpointKind::TimeToEvent { events, competing, censor } => {
                events.iter().chain(competing).chain(censor).collect()
            }
            EndpointKind::AnnualRate { events, .. } | EndpointKind::Proportion { events, .. } => {
                events.iter().collect()
            }
            EndpointKind::Change { .. } | EndpointKind::Mean { .. } => Vec::new(),
        }
    }
}

/// One thing that counts as an event. Days are days of the endpoint's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRule {
    /// Identifier, if written.
    pub id: Option<Name>,
    /// Title for people, if written.
    pub title: Option<String>,
    /// What happens.
    pub kind: EventKind,
    /// Events before this day do not count; 0 where not written.
    pub earliest_day: f64,
    /// Part of an `all`: it must not have happened.
    pub absent: bool,
    /// Where it stands.
    pub span: Span,
}

impl EventRule {
    /// The parts of a rule that asks for several things at one visit; else none.
    pub fn parts(&self) -> &[EventRule] {
        if let EventKind::All { of, .. } = &self.kind { of } else { &[] }
    }
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A score is worse (or better) than at baseline by a step, and is so again at confirmation.
    ScoreChange {
        /// The disease's score.
        score: Name,
        /// Worse, or better.
        toward: Toward,
        /// By at least this many units of the score, > 0.
        by: f64,
        /// From this baseline on, `by_at_high_baseline` counts instead of `by`.
        high_baseline: Option<f64>,
        /// As `by`, from `high_baseline` on.
        by_at_high_baseline: Option<f64>,
        /// Days after which a visit must still show it; `None` counts the first visit alone.
        confirmed_after_days: Option<f64>,
        /// With what it is compared.
        baseline: Baseline,
    },
    /// An event of the model.
    ModelEvent {
        /// Its name.
        event: Name,
    },
    /// New items of a count at an imaging visit.
    NewCount {
        /// The disease's count.
        count: Name,
        /// At least so many at one visit.
        at_least: u32,
        /// Each new item is an event of its own, not each visit with new ones.
        each: bool,
    },
    /// A value is above or below a threshold for some days on end.
    Threshold {
        /// The disease's laboratory value, or a quantity or expression of the model.
        of: Measured,
        /// Above or below.
        side: Side,
        /// The threshold, in the unit of the value.
        value: f64,
        /// For so many days on end; 0 counts a single visit.
        for_days: f64,
        /// From when on it is looked for.
        after: After,
    },
    /// Death.
    Death {
        /// Only within so many days.
        within_days: Option<f64>,
    },
    /// A decision of treatment, by its mark in the decision log.
    Decision {
        /// The mark.
        marks: Name,
    },
    /// No graft: a release test failed.
    NoGraft,
    /// All parts hold at the same visit.
    ///
    /// Scores, labs and counts hold by what the visit shows; events of the model, decisions and deaths by having
    /// happened up to it, or by not having happened where the part is `absent`.
    All {
        /// The parts; none is an `All`.
        of: Vec<EventRule>,
        /// For so many days on end; 0 counts a single visit.
        for_days: f64,
    },
}

/// Worse or better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// Worse.
    Worse,
    /// Better.
    Better,
}

/// With what a score is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Baseline {
    /// The score at entry.
    Entry,
    /// The score at the visit of this day.
    Day(f64),
}

/// What is compared with a threshold.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// A laboratory value of the disease, with its error.
    Lab(Name),
    /// A score of the disease as it is read at visits.
    Score(Name),
    /// A quantity or expression of the model, without error.
    Observable(Name),
}

/// Above or below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above.
    Above,
    /// Below.
    Below,
}

/// From when on a threshold is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// From the trial's time zero.
    TimeZero,
    /// From day zero of the regimen.
    DayZero,
    /// From the lowest (for `below`: highest) value after day zero.
    Nadir,
}

impl Endpoint {
    /// Reads an endpoint card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read::read)
    }
}
