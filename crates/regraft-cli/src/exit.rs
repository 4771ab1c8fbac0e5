//! Exit codes: part of the stable interface (`docs/reference/commands.md`).

use std::fmt::Write;
use std::process::ExitCode;

use regraft::explore::ExploreError;
use regraft::study::StudyError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something could not be done (a folder not writable, a run stopped by the user).
    Failed = 1,
    /// Wrong usage of the command.
    Usage = 2,
    /// A file has errors.
    FileErrors = 3,
    /// Too many patients could not be solved or found.
    TooManyFailed = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The code of an error that reached the top.
pub fn for_error(error: &anyhow::Error) -> Exit {
    match study_error(error) {
        None if matches!(error.downcast_ref(), Some(ExploreError::Usage(_) | ExploreError::Idle(_))) => {
            Exit::Usage
        }
        Some(StudyError::UnknownTrial { .. } | StudyError::Usage(_)) => Exit::Usage,
        Some(StudyError::TooManyFailed { .. } | StudyError::TooFewEligible { .. }) => Exit::TooManyFailed,
        _ => Exit::Failed,
    }
}

/// The error of a study, also inside that of an exploration.
fn study_error(error: &anyhow::Error) -> Option<&StudyError> {
    match error.downcast_ref::<ExploreError>() {
        Some(ExploreError::Study(error)) => Some(error),
        _ => error.downcast_ref::<StudyError>(),
    }
}

/// What is said of an error that reached the top.
pub fn words(error: &anyhow::Error) -> String {
    match study_error(error) {
        Some(StudyError::TooFewEligible { found, wanted, screened, funnel }) => {
            let mut text = format!(
                "error: only {found} of {screened} screened patients could enter, {wanted} were asked for"
            );
            for (reason, n) in funnel {
                let _ = write!(text, "\n{n:>8}  {reason}");
            }
            text + "\n  help: see `[[eligible]]` and `max_screened_per_patient` of the population"
        }
        _ => format!("error: {}", with_causes(error)),
    }
}

/// An error and its causes; a cause that the error already tells is not told again.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            let _ = write!(text, ": {cause}");
        }
    }
    text
}

/// Prints what clap has to say; help and version are no errors.
pub fn for_usage(error: &clap::Error) -> ExitCode {
    // A closed terminal is no reason to fail.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}
