//! Stable codes of the problems this crate reports.

/// The text is not TOML.
pub const SYNTAX: &str = "T001";
/// A key that the card does not have.
pub const UNKNOWN_KEY: &str = "T002";
/// A key that the card needs.
pub const MISSING_KEY: &str = "T003";
/// A value of the wrong type, or an empty text.
pub const WRONG_TYPE: &str = "T004";
/// NaN or infinite.
pub const NOT_FINITE: &str = "T005";
/// A number without unit or source.
pub const NO_SOURCE: &str = "T006";
/// `assumed` or `remembered` without `why`.
pub const NO_WHY: &str = "T007";
/// Not one of the allowed words.
pub const UNKNOWN_WORD: &str = "T008";
/// A number outside its range, for example a negative dose.
pub const OUT_OF_RANGE: &str = "T009";
/// An id or name given twice.
pub const DUPLICATE: &str = "T010";
/// An empty list that needs an item, for example no arms.
pub const EMPTY: &str = "T011";
/// Not an identifier.
pub const BAD_IDENTIFIER: &str = "T012";
/// The id is not the file's name.
pub const FILE_NAME: &str = "T013";
/// Two keys that exclude each other, or a key that does nothing here.
pub const CONTRADICTION: &str = "T014";
/// An unknown disease.
pub const UNKNOWN_DISEASE: &str = "T020";
/// An unknown product.
pub const UNKNOWN_PRODUCT: &str = "T021";
/// An unknown drug.
pub const UNKNOWN_DRUG: &str = "T022";
/// An unknown regimen.
pub const UNKNOWN_REGIMEN: &str = "T023";
/// An unknown population.
pub const UNKNOWN_POPULATION: &str = "T024";
/// An unknown endpoint.
pub const UNKNOWN_ENDPOINT: &str = "T025";
/// An unknown arm.
pub const UNKNOWN_ARM: &str = "T026";
/// An unknown trait.
pub const UNKNOWN_TRAIT: &str = "T027";
/// An unknown score, count or laboratory value of the disease.
pub const UNKNOWN_MEASURE: &str = "T028";
/// A mark that no rule makes.
pub const UNKNOWN_MARK: &str = "T029";
/// A name that the model does not have.
pub const UNKNOWN_NAME: &str = "T030";
/// The last part of several names of the model.
pub const AMBIGUOUS_NAME: &str = "T031";
/// A name of the model that cannot stand here.
pub const WRONG_SORT: &str = "T032";
/// A dose whose unit cannot be brought to the drug's.
pub const DOSE_UNIT: &str = "T033";
/// A number whose unit is not that of the model.
pub const MODEL_UNIT: &str = "T034";
/// Correlations that cannot hold together.
pub const CORRELATION: &str = "T035";
/// A distribution without mass or with wrong parameters.
pub const DISTRIBUTION: &str = "T036";
/// A drug given without a dose.
pub const NO_DOSE: &str = "T037";
/// Two cards that set the same quantity to different values.
pub const CONFLICT: &str = "T038";
/// Clocks of two arms that start at different moments.
pub const CLOCKS: &str = "T039";
/// A dose per kg or m² without weight or height in the population.
pub const NO_BODY_SIZE: &str = "T040";
/// A population of another disease.
pub const OTHER_DISEASE: &str = "T041";
/// A source that is neither in the list of references nor in the evidence.
pub const UNKNOWN_SOURCE: &str = "T042";
/// A scorecard names a trial that the library does not have.
pub const UNKNOWN_TRIAL: &str = "T043";
/// A scorecard names a simulation that it does not have.
pub const UNKNOWN_SIMULATION: &str = "T044";
/// A card of sensitivities that the library does not have.
pub const UNKNOWN_SENSITIVITIES: &str = "T045";
/// A cell population that the model does not kill by name.
pub const UNKNOWN_POPULATION_OF_CELLS: &str = "T046";
/// A day of an analysis without a visit near it.
pub const DAY_WITHOUT_VISIT: &str = "T047";
/// The evidence table cannot be read.
pub const EVIDENCE_TABLE: &str = "E001";
/// The evidence table lacks a column.
pub const EVIDENCE_COLUMN: &str = "E002";
/// A cell of the evidence table is not what the column holds.
pub const EVIDENCE_CELL: &str = "E003";
/// No row of the evidence is selected.
pub const NO_ROW: &str = "E010";
/// The rows selected may not be used here.
pub const NOT_USABLE: &str = "E011";
