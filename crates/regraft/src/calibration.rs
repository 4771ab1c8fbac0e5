//! Calibration: the uncertain parameters fitted to every published number that may be fitted.
//!
//! Stages: cohorts whose patients belong to members spread over what is believed; each published number as a function
//! of the parameters, fitted to them; the posterior by that function; members around it, and again. What is
//! left is held against cohorts of draws of the posterior, which were used for nothing else.

mod design;
mod emulator;
mod fit;
mod identify;
mod likelihood;
mod page;
mod recovery;
mod responses;
mod run;
mod sampler;
mod targets;

pub use emulator::{Emulator, Responses};
pub use fit::{Chains, Lengths, Mode};
pub use identify::{Identified, LITTLE, Row};
pub use likelihood::{Fitted, Likelihood};
pub use page::page;
pub use recovery::{Coverage, Recovery};
pub use run::{Calibrated, CalibrationOptions, Checked, calibrate};
pub use targets::{Kind, LeftOut, Target};
