//! Will this trial work? Its power at a size, the size for a power, its duration: by trials that are simulated.
//!
//! A pool of virtual patients lives both arms once (`pool`); every simulated trial draws *different* patients into its
//! arms, who enter one after the other, leave, cross over and are looked at (`trial`); each is analysed as a
//! statistician would (`analysis`).

mod analysis;
mod answer;
mod bounds;
mod cross;
mod members;
mod notes;
mod page;
mod plan;
mod pool;
mod power;
mod setting;
mod sizes;
mod trial;
mod visits;
mod write;

pub use crate::posterior::Split;
pub use answer::{Answer, AtSize, Effect, Look};
pub use page::{headline, page};
pub use plan::{Plan, SettingLine, analysis_words, inference_words};
pub use pool::{Pool, run_options};
pub use sizes::{Asked, run};
pub use write::write;

#[cfg(test)]
mod tests;
