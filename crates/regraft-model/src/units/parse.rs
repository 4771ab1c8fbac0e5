//! Reading a unit: `1e9 item / litre`, `(1e-6 metre)^2`, `mg/L`, `1/day`.
//!
//! A number in front of a name belongs to it, as in libAntimony: `1 / 86400 second` is one
//! per day and `1e-3 metre^2` is the square of a millimetre.

use super::builtin::{clinical_unit, sbml_unit};
use super::{Unit, UnitTable};

/// Why a text is no unit, or two units cannot be converted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UnitError {
    /// No unit has this name.
    #[error("unknown unit `{0}`")]
    Unknown(String),
    /// The text is not a product of units.
    #[error("cannot read `{0}` as a unit")]
    Unreadable(String),
    /// Two units of different dimension.
    #[error("`{from}` ({from_unit}) and `{to}` ({to_unit}) measure different things")]
    Unlike {
        /// Unit as written.
        from: String,
        /// Its meaning in base units.
        from_unit: String,
        /// Unit as written.
        to: String,
        /// Its meaning in base units.
        to_unit: String,
    },
}

/// Nesting of parentheses that a unit may have.
const MAX_DEPTH: usize = 32;

/// Reads a unit of a model text: declared names first, then the units of SBML.
///
/// # Errors
/// [`UnitError::Unknown`] or [`UnitError::Unreadable`].
pub fn parse_unit(text: &str, declared: &UnitTable) -> Result<Unit, UnitError> {
    parse(text, &|name| declared.get(name).copied().or_else(|| sbml_unit(name)))
}

/// Reads a unit of a card: declared names first, then the units of SBML, then symbols
/// as the clinic writes them (`mg/L`, `cells/uL`, `G/L`, `mg/m2`, `1/day`).
///
/// # Errors
/// [`UnitError::Unknown`] or [`UnitError::Unreadable`].
pub fn parse_clinical(text: &str, declared: &UnitTable) -> Result<Unit, UnitError> {
    let known =
        |name: &str| declared.get(name).copied().or_else(|| sbml_unit(name)).or_else(|| clinical_unit(name));
    let lookup = |name: &str| known(name).or_else(|| trailing_power(name, &known));
    parse(text, &lookup)
}

/// The factor f for which a value in `from` times f is the value in `to`; both as [`parse_clinical`] reads them.
///
/// # Errors
/// A text that is no unit, or two units of different dimension.
pub fn conversion(from: &str, to: &str, declared: &UnitTable) -> Result<f64, UnitError> {
    let (from_unit, to_unit) = (parse_clinical(from, declared)?, parse_clinical(to, declared)?);
    if !from_unit.is_like(&to_unit) {
        let (from, to) = (from.to_string(), to.to_string());
        let (from_unit, to_unit) = (from_unit.to_string(), to_unit.to_string());
        return Err(UnitError::Unlike { from, from_unit, to, to_unit });
    }
    let factor = from_unit.scale / to_unit.scale;
    // Products of decimal scales round in the last digits; a whole power of ten is meant exactly.
    let exact = 10f64.powi(factor.log10().round() as i32);
    Ok(if (factor / exact - 1.0).abs() < 1e-12 { exact } else { factor })
}

/// `m2` for `m^2`.
fn trailing_power(name: &str, known: &dyn Fn(&str) -> Option<Unit>) -> Option<Unit> {
    let digit = name.chars().last().filter(|c| ('2'..='9').contains(c))?;
    Some(known(&name[..name.len() - 1])?.power(f64::from(digit as u32 - '0' as u32)))
}

type Lookup<'a> = &'a dyn Fn(&str) -> Option<Unit>;

fn parse(text: &str, lookup: Lookup) -> Result<Unit, UnitError> {
    if text.trim().is_empty() {
        return Ok(Unit::ONE);
    }
    let mut reader = Reader { text, at: 0, depth: 0, lookup };
    let unit = reader.product()?;
    reader.skip_space();
    if reader.at < text.len() || !(unit.scale.is_finite() && unit.scale > 0.0) {
        return Err(reader.unreadable());
    }
    Ok(unit)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    lookup: Lookup<'a>,
}

impl Reader<'_> {
    fn product(&mut self) -> Result<Unit, UnitError> {
        let mut unit = self.factor()?;
        loop {
            self.skip_space();
            if self.eat('*') || self.eat('·') {
                unit = unit.times(self.factor()?);
            } else if self.eat('/') {
                unit = unit.per(self.factor()?);
            } else {
                return Ok(unit);
            }
        }
    }

    /// `[number] name ['^' exponent]`, `number ['^' exponent]`, `'(' product ')' ['^' exponent]`.
    fn factor(&mut self) -> Result<Unit, UnitError> {
        self.skip_space();
        if self.eat('(') {
            return self.group();
        }
        let Some(number) = self.number() else {
            let named = self.named()?.ok_or_else(|| self.unreadable())?;
            return self.exponent(named);
        };
        let number = self.exponent(Unit::ONE.scaled(number))?;
        self.skip_space();
        match self.named()? {
            Some(named) => self.exponent(named.times(number)),
            None => Ok(number),
        }
    }

    fn named(&mut self) -> Result<Option<Unit>, UnitError> {
        let lookup = self.lookup;
        let Some(name) = self.name() else { return Ok(None) };
        lookup(name).map(Some).ok_or_else(|| UnitError::Unknown(name.to_string()))
    }

    fn group(&mut self) -> Result<Unit, UnitError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unreadable());
        }
        let unit = self.product()?;
        self.skip_space();
        if !self.eat(')') {
            return Err(self.unreadable());
        }
        self.depth -= 1;
        self.exponent(unit)
    }

    fn exponent(&mut self, unit: Unit) -> Result<Unit, UnitError> {
        self.skip_space();
        if !self.eat('^') {
            return Ok(unit);
        }
        self.skip_space();
        let sign = if self.eat('-') { -1.0 } else { 1.0 };
        let exponent = self.number().ok_or_else(|| self.unreadable())?;
        Ok(unit.power(sign * exponent))
    }

    fn number(&mut self) -> Option<f64> {
        let rest = &self.text[self.at..];
        let digits = |s: &str| s.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let mut end = digits(rest);
        if end == 0 {
            return None;
        }
        if let Some(tail) = rest[end..].strip_prefix(['e', 'E']) {
            let sign = usize::from(tail.starts_with(['+', '-']));
            let power = tail[sign..].bytes().take_while(u8::is_ascii_digit).count();
            end += if power > 0 { 1 + sign + power } else { 0 };
        }
        let value = rest[..end].parse().ok()?;
        self.at += end;
        Some(value)
    }

    fn name(&mut self) -> Option<&str> {
        let rest = &self.text[self.at..];
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '%' || c == 'µ';
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.text[self.at..].starts_with(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn unreadable(&self) -> UnitError {
        UnitError::Unreadable(self.text.trim().to_string())
    }
}
