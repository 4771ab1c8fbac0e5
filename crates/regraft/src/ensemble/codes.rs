//! Stable codes of the problems of parameter and event tables (`docs/reference/event-table.md`).

/// The table cannot be read: no heading, a row of another length, an open quote.
pub const TABLE: &str = "E101";
/// A column that means nothing here.
pub const UNKNOWN_COLUMN: &str = "E102";
/// A column given twice.
pub const DUPLICATE_COLUMN: &str = "E103";
/// A column that the table needs.
pub const MISSING_COLUMN: &str = "E104";
/// A cell that is not a number, or not a whole one where it must be.
pub const NOT_A_NUMBER: &str = "E105";
/// A number outside its range.
pub const OUT_OF_RANGE: &str = "E106";
/// A compartment that the model does not have.
pub const UNKNOWN_COMPARTMENT: &str = "E107";
/// Items of a row that do not go together.
pub const CONTRADICTION: &str = "E108";
/// The time of a patient's rows goes back.
pub const TIME_BACK: &str = "E109";
/// A patient who is not in the table of parameters.
pub const UNKNOWN_PATIENT: &str = "E110";
/// A patient given twice.
pub const DUPLICATE_PATIENT: &str = "E111";
/// Known to the field, not possible here or with this model.
pub const NOT_POSSIBLE: &str = "E112";
/// Done as written, but perhaps not what is meant.
pub const DOUBTFUL: &str = "E113";
