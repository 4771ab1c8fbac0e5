//! The study, end to end: library, cohort, outcomes, findings, report.
