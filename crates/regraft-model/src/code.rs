//! The stable codes of everything that can be wrong with a model.

/// Something else was expected here.
pub const SYNTAX: &str = "M001";
/// A comment, string, model or function has no end.
pub const UNTERMINATED: &str = "M002";
/// No quantity has this name.
pub const UNKNOWN_NAME: &str = "M003";
/// The same thing is defined twice.
pub const DUPLICATE: &str = "M004";
/// Two ways to determine one quantity (rule and rate rule, rule and reaction).
pub const CONFLICT: &str = "M005";
/// Rules or starting values that need each other.
pub const LOOP: &str = "M006";
/// No function has this name.
pub const UNKNOWN_FUNCTION: &str = "M007";
/// A function or sub-model is given too few or too many arguments.
pub const ARGUMENT_COUNT: &str = "M008";
/// Two declared units that are not the same unit meet.
pub const UNIT_MISMATCH: &str = "M009";
/// No unit has this name, or the text is not a unit.
pub const UNKNOWN_UNIT: &str = "M010";
/// `exp`, `ln` or the like of something with a declared unit.
pub const NOT_DIMENSIONLESS: &str = "M011";
/// A quantity is used and nothing gives it a value.
pub const NO_VALUE: &str = "M012";
/// No model has this name.
pub const UNKNOWN_MODEL: &str = "M013";
/// A model, function or import contains itself.
pub const RECURSION: &str = "M014";
/// Known to Antimony, not supported here.
pub const UNSUPPORTED: &str = "M015";
/// An imported text could not be had.
pub const IMPORT: &str = "M016";
/// A random draw outside starting values and event assignments.
pub const DRAW: &str = "M017";
/// Division by a literal zero.
pub const ZERO_DIVISION: &str = "M018";
/// Too long, too deep or too many.
pub const LIMIT: &str = "M019";
/// An assignment to something that is constant or follows a rule.
pub const NOT_ASSIGNABLE: &str = "M020";
/// The text holds no model.
pub const NO_MODEL: &str = "M021";
/// A starting value or size that nobody gave was assumed.
pub const ASSUMED: &str = "M022";
/// A short name that several quantities share.
pub const AMBIGUOUS: &str = "M023";
/// One name used for two kinds of thing.
pub const KIND: &str = "M024";
/// Cannot be differentiated.
pub const DERIVATIVE: &str = "M025";
/// A reaction without a rate.
pub const NO_RATE: &str = "M026";
/// `&&` and `||` side by side without parentheses.
pub const MIXED_LOGIC: &str = "M027";
/// A compartment whose size may jump although no event sets it.
pub const JUMPING_SIZE: &str = "M028";
