//! How long one has been ill: what a disease's model makes of it, and how long those of a population have been.
//!
//! Where the model has a clock that starts at the disease, the years are a trait like any other. Elsewhere they are a
//! reading: they say how fast a person came to the score at entry, and set nothing.

use crate::distribution::DistributionSpec;
use crate::name::Name;
use crate::quantity::{Number, Provenance};
use crate::reader::{Bound, Reader};

/// Name under which a duration is known, whether it is drawn or read.
pub const DURATION: &str = "duration";

/// What years of illness are in a disease: `[past]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// A reading.
    Read(Box<PastReading>),
    /// Nothing, and why, for people.
    Unknown(String),
}

/// How well a number of years goes with a person's own rates and score at entry.
#[derive(Debug, Clone, PartialEq)]
pub struct PastReading {
    /// The model's parameter that is set to the years.
    pub years: Name,
    /// The model's quantity that says to which score the person's own rates lead in these years.
    pub score: Name,
    /// The quantity that holds the score at entry.
    pub entry: Name,
    /// Standard deviation of the one about the other, in the unit of the score, > 0.
    pub spread: Number,
    /// Mean age at which people fall ill.
    pub onset_age: Number,
    /// Standard deviation of that age, > 0.
    pub onset_spread: Number,
}

impl Past {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut table = reader.optional_table("past")?;
        for key in ["years", "score", "entry", "spread", "onset_age", "onset_spread"] {
            table.refuse_both("unknown", key);
        }
        let unknown = table.optional_text("unknown");
        let past = match unknown {
            Some(why) => Past::Unknown(why.text),
            None => Past::Read(Box::new(PastReading {
                years: table.text("years"),
                score: table.text("score"),
                entry: table.text("entry"),
                spread: table.quantity("spread", Bound::Positive),
                onset_age: table.quantity("onset_age", Bound::Positive),
                onset_spread: table.quantity("onset_spread", Bound::Positive),
            })),
        };
        table.finish();
        Some(past)
    }
}

/// How long the people of a population have been ill: `[duration]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Duration {
    /// Title for people.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// How it is distributed.
    pub distribution: DistributionSpec,
    /// Source and grounds.
    pub provenance: Provenance,
}

impl Duration {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut table = reader.optional_table("duration")?;
        let duration = Duration {
            title: table.text("title").text,
            unit: table.unit(),
            distribution: DistributionSpec::read(&mut table, "distribution"),
            provenance: table.provenance(),
        };
        table.finish();
        Some(duration)
    }
}
