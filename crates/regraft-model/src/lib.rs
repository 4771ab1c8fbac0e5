//! The model language: Antimony text to a typed model to a flat program.
//!
//! [`read_antimony`] reads a text and everything it imports, joins the sub-models and
//! checks names and units; it never fails and reports every problem it finds.
//! [`lower()`] turns the [`Model`] into a [`Program`]: index lists over one shared
//! expression graph, with the analytic Jacobian. Files, trials, patients and time
//! stepping are unknown here.
//!
//! ```
//! use regraft_model::{Sources, lower, read_antimony};
//!
//! let mut sources = Sources::default();
//! let root = sources.add("decay.ant", "model decay()\n x = 10; k = 0.1; x' = -k*x\nend");
//! let (model, problems) = read_antimony(&mut sources, root, &mut |_path, _from| None);
//! assert!(problems.is_empty());
//! let program = lower(&model).expect("a model without errors can be lowered");
//! assert_eq!((program.states.len(), program.parameters.len(), program.jacobian.len()), (1, 1, 1));
//! ```

pub mod antimony;
pub mod at_start;
pub mod check;
pub mod code;
pub mod compose;
pub mod diag;
pub mod evaluate;
pub mod lower;
pub mod model;
pub mod observe;
pub mod program;
pub mod read;
pub mod source;
pub mod syntax;
pub mod units;

pub use at_start::{AtStart, at_start, at_start_with};
pub use diag::{Diagnostic, Label, Severity, did_you_mean, nearest};
pub use evaluate::evaluate;
pub use lower::lower;
pub use model::Model;
pub use program::{Found, NameError, Program, Target};
pub use read::read_antimony;
pub use source::{Source, SourceId, Sources, Span};
pub use units::{Unit, UnitError};
