//! Numbers with unit and source: what every card is made of.

use regraft_model::{Diagnostic, Span};
use toml::de::DeValue;

use crate::codes;
use crate::distribution::DistributionSpec;
use crate::name::Name;
use crate::reader::{Bound, Page, Reader};

/// Where a number comes from, as far as its `source` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A key of the list of references.
    Read,
    /// A row of the evidence (`evidence:TRIAL/ARM/…`).
    Evidence,
    /// Assumed; `why` says on which grounds.
    Assumed,
    /// Chosen so that published rows are met; `why` names them.
    Calibrated,
    /// Remembered, not read again; `why` says from where.
    Remembered,
    /// A bare 0 or 1: a switch of the model, not a measurement.
    Switch,
    /// A bare number of the card's design (a day, a count, a threshold of a definition).
    Design,
}

/// Word that stands in [`Number::source`] of a bare 0 or 1.
pub const SWITCH: &str = "switch";

impl Origin {
    /// Whether a number of this origin must say why.
    pub fn needs_grounds(self) -> bool {
        matches!(self, Origin::Assumed | Origin::Remembered | Origin::Calibrated)
    }
}

/// Origin that a `source` text states.
pub fn origin_of(source: &str) -> Origin {
    match source {
        "assumed" => Origin::Assumed,
        "calibrated" => Origin::Calibrated,
        "remembered" => Origin::Remembered,
        SWITCH => Origin::Switch,
        "" => Origin::Design,
        text if text.starts_with("evidence:") => Origin::Evidence,
        _ => Origin::Read,
    }
}

/// A number as a card writes it: `{ value = 4.0, unit = "G/L", source = "…" }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The value, in `unit`; finite (NaN only where the card lacks it, and a diagnostic says so).
    pub value: f64,
    /// The unit as written; empty for a plain ratio.
    pub unit: String,
    /// A key of the references, `evidence:…`, `assumed`, `calibrated` or `remembered`; several are joined by `; `.
    pub source: String,
    /// The grounds; always there for `assumed`, `calibrated` and `remembered`.
    pub why: Option<String>,
    /// Where the number stands.
    pub span: Span,
}

impl Number {
    /// Where the number comes from.
    pub fn origin(&self) -> Origin {
        origin_of(&self.source)
    }

    fn missing(span: Span) -> Self {
        Number { value: f64::NAN, unit: String::new(), source: String::new(), why: None, span }
    }
}

/// Source and grounds of an entry that is more than one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// As [`Number::source`].
    pub source: String,
    /// As [`Number::why`].
    pub why: Option<String>,
    /// Where the source stands.
    pub span: Span,
}

/// A quantity drawn per patient, with unit and source.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnNumber {
    /// How it is distributed.
    pub distribution: DistributionSpec,
    /// Unit of the drawn value.
    pub unit: String,
    /// Source and grounds.
    pub provenance: Provenance,
    /// Where it stands.
    pub span: Span,
}

/// What a quantity is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// The same for every patient.
    Fixed(Number),
    /// Drawn per patient.
    PerPatient(DrawnNumber),
    /// So many times what it is at the moment: `{ times = 0.8, source = "…" }`. Only in steps and rules.
    Times(Number),
    /// The next dose of a list: `{ ladder = [0, 5, 10, 20], step = "down", unit = "mg/day", source = "…" }`. Only in
    /// steps and rules.
    Ladder(Ladder),
}

/// Doses one after another, of which a step or rule takes the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// The doses, rising; at least two.
    pub rungs: Vec<Number>,
    /// Whether the next is the one below (a taper) or the one above.
    pub down: bool,
}

/// One quantity of the model and what it is set to.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Name in the model: full, or its unique last part.
    pub target: Name,
    /// The value.
    pub value: SettingValue,
}

impl<'t> Reader<'t> {
    /// A required number with unit and source.
    pub(crate) fn quantity(&mut self, key: &'static str, bound: Bound) -> Number {
        let found = self.require(key);
        found
            .and_then(|(span, value)| read_number(self.page(), key, span, value, bound))
            .unwrap_or(Number::missing(self.span()))
    }

    /// A number with unit and source, if written.
    pub(crate) fn optional_quantity(&mut self, key: &'static str, bound: Bound) -> Option<Number> {
        let (span, value) = self.take(key)?;
        read_number(self.page(), key, span, value, bound)
    }

    /// A number within `bound`, or one drawn per patient, if written; each with unit and source.
    pub(crate) fn optional_drawable(&mut self, key: &'static str, bound: Bound) -> Option<SettingValue> {
        let (span, value) = self.take(key)?;
        read_drawable(self.page(), key, span, value, bound)
    }

    /// Required `source`, with `why`.
    pub(crate) fn provenance(&mut self) -> Provenance {
        let missing = Provenance { source: String::new(), why: None, span: self.span() };
        if !self.has("source") {
            self.take("why");
            self.take("source");
            let problem = Diagnostic::error(codes::NO_SOURCE, self.span(), "this entry has no `source`");
            self.report(problem.with_help(SOURCE_HELP));
            return missing;
        }
        self.optional_provenance().unwrap_or(missing)
    }

    /// `source` with `why`, if written.
    pub(crate) fn optional_provenance(&mut self) -> Option<Provenance> {
        let source = self.optional_text("source");
        let why = self.optional_text("why");
        let source = source?;
        if origin_of(&source.text).needs_grounds() && why.is_none() {
            let message = format!("source `{}` without `why`", source.text);
            let help = "say on which grounds: `why = \"…\"`";
            self.report(Diagnostic::error(codes::NO_WHY, source.span, message).with_help(help));
        }
        Some(Provenance { source: source.text, why: why.map(|name| name.text), span: source.span })
    }

    /// Quantities of the model with numbers. A bare 0 or 1 is a switch. Dotted keys without
    /// quotes are read like quoted ones.
    pub(crate) fn settings(&mut self, key: &'static str) -> Vec<Setting> {
        let Some(mut table) = self.optional_table(key) else { return Vec::new() };
        let mut settings = Vec::new();
        collect_settings(&mut table, None, &mut settings);
        refuse_twice(self.page(), settings.iter().map(|setting| &setting.target), "is set twice");
        settings
    }
}

const SOURCE_HELP: &str = "a key of the references, `evidence:TRIAL/ARM/outcome`, or `assumed`, `calibrated` or `remembered` with `why`";

fn collect_settings(table: &mut Reader<'_>, above: Option<&Name>, settings: &mut Vec<Setting>) {
    for (key, span, value) in table.entries() {
        let target = match above {
            Some(above) => {
                Name { text: format!("{}.{}", above.text, key.text), span: above.span.to(key.span) }
            }
            None => key,
        };
        match value.as_table() {
            Some(inner) if !is_number_table(inner) && inner.iter().any(|(_, v)| v.get_ref().is_table()) => {
                let mut inner = Reader::new(table.page(), inner, span, &format!("`{}`", target.text));
                collect_settings(&mut inner, Some(&target), settings);
            }
            _ => settings.extend(read_setting(table.page(), target, span, value)),
        }
    }
}

fn is_number_table(table: &toml::de::DeTable<'_>) -> bool {
    ["value", "per_patient", "times", "ladder", "unit", "source"].iter().any(|key| table.contains_key(*key))
}

fn read_setting<'t>(page: &'t Page, target: Name, span: Span, value: &'t DeValue<'t>) -> Option<Setting> {
    let has = |key| value.as_table().is_some_and(|table| table.contains_key(key));
    let value = if has("per_patient") {
        SettingValue::PerPatient(read_drawn(page.as_table(&target.text, span, value)?))
    } else if has("ladder") {
        SettingValue::Ladder(read_ladder(page.as_table(&target.text, span, value)?)?)
    } else if has("times") {
        SettingValue::Times(read_times(page.as_table(&target.text, span, value)?))
    } else {
        SettingValue::Fixed(read_switch_or_number(page, &target.text, span, value)?)
    };
    Some(Setting { target, value })
}

/// A number within `bound`, or one drawn per patient.
pub(crate) fn read_drawable<'t>(
    page: &'t Page,
    key: &str,
    span: Span,
    value: &'t DeValue<'t>,
    bound: Bound,
) -> Option<SettingValue> {
    if value.as_table().is_none_or(|table| !table.contains_key("per_patient")) {
        return read_number(page, key, span, value, bound).map(SettingValue::Fixed);
    }
    let drawn = read_drawn(page.as_table(key, span, value)?);
    if bound != Bound::Finite && !drawn.distribution.is_positive() {
        let message = format!("`{key}` may be drawn 0 or less");
        let problem = Diagnostic::error(codes::OUT_OF_RANGE, drawn.distribution.span, message);
        page.report(problem.with_help("draw it lognormal, or cut it at a `low` above 0"));
    }
    Some(SettingValue::PerPatient(drawn))
}

fn read_drawn(mut table: Reader<'_>) -> DrawnNumber {
    let distribution = DistributionSpec::read(&mut table, "per_patient");
    let unit = table.unit();
    let drawn = DrawnNumber { distribution, unit, provenance: table.provenance(), span: table.span() };
    table.finish();
    drawn
}

/// Reads `{ ladder, step, unit, source, why }`; doses rise. Every dose that does not is told.
fn read_ladder(mut table: Reader<'_>) -> Option<Ladder> {
    let list = table.optional_list("ladder", "a list of numbers");
    let down = table.word("step", &[("down", true), ("up", false)]);
    let unit = table.unit();
    let Provenance { source, why, .. } = table.provenance();
    let page = table.page();
    table.finish();
    let (span, items) = list?;
    let refuse = |span, message: String| {
        let problem = Diagnostic::error(codes::OUT_OF_RANGE, span, message);
        page.report(problem.with_help("write `{ ladder = [0, 5, 10, 20], step = \"down\", … }`"));
    };
    if items.len() < 2 {
        refuse(span, format!("a ladder needs at least two doses, not {}", items.len()));
    }
    let mut good = items.len() >= 2;
    let mut rungs: Vec<Number> = Vec::with_capacity(items.len());
    for (span, item) in items {
        let Some(value) = page.plain_number("ladder", span, item, Bound::Finite) else {
            good = false;
            continue;
        };
        if let Some(below) = rungs.last().filter(|below| value <= below.value) {
            let message = format!("doses of a ladder rise, but {value} follows {}", below.value);
            refuse(span, message);
            good = false;
        }
        rungs.push(Number { value, unit: unit.clone(), source: source.clone(), why: why.clone(), span });
    }
    if good { Some(Ladder { rungs, down: down? }) } else { None }
}

/// Reads `{ times, source, why }`.
fn read_times(mut table: Reader<'_>) -> Number {
    let (value, span) = (table.number("times", Bound::NotNegative), table.span());
    let Provenance { source, why, .. } = table.provenance();
    table.finish();
    Number { value, unit: String::new(), source, why, span }
}

fn read_switch_or_number<'t>(
    page: &'t Page,
    key: &str,
    span: Span,
    value: &'t DeValue<'t>,
) -> Option<Number> {
    if matches!(value, DeValue::Integer(_) | DeValue::Float(_)) {
        let number = page.plain_number(key, span, value, Bound::Finite)?;
        if number == 0.0 || number == 1.0 {
            return Some(Number {
                value: number,
                unit: String::new(),
                source: SWITCH.into(),
                why: None,
                span,
            });
        }
    }
    read_number(page, key, span, value, Bound::Finite)
}

/// Reads `{ value, unit, source, why }`.
fn read_number<'t>(
    page: &'t Page,
    key: &str,
    span: Span,
    value: &'t DeValue<'t>,
    bound: Bound,
) -> Option<Number> {
    if matches!(value, DeValue::Integer(_) | DeValue::Float(_)) {
        let problem = Diagnostic::error(codes::NO_SOURCE, span, format!("`{key}` has no unit and no source"));
        page.report(problem.with_help("write `{ value = …, unit = \"…\", source = \"…\" }`"));
        return None;
    }
    let mut table = page.as_table(key, span, value)?;
    let number = table.number_named(key, bound);
    let unit = table.unit();
    let provenance = table.provenance();
    table.optional_text("note");
    table.finish();
    Some(Number { value: number, unit, source: provenance.source, why: provenance.why, span })
}

impl Reader<'_> {
    /// The keys of a number in a table that has others too.
    pub(crate) fn rest_of_number(&mut self, key: &str, bound: Bound) -> Option<SettingValue> {
        let span = self.span();
        let value = self.number_named(key, bound);
        let (unit, provenance) = (self.unit(), self.provenance());
        self.optional_text("note");
        let Provenance { source, why, .. } = provenance;
        (!value.is_nan()).then_some(SettingValue::Fixed(Number { value, unit, source, why, span }))
    }

    fn number_named(&mut self, name: &str, bound: Bound) -> f64 {
        let found = self.require("value");
        found.and_then(|(span, value)| self.page().plain_number(name, span, value, bound)).unwrap_or(f64::NAN)
    }

    /// Required `unit`; may be the empty text.
    pub(crate) fn unit(&mut self) -> String {
        let Some((span, value)) = self.take("unit") else {
            let problem = Diagnostic::error(codes::NO_SOURCE, self.span(), "this number has no `unit`");
            self.report(problem.with_help("`unit = \"\"` for a plain ratio"));
            return String::new();
        };
        let Some(unit) = value.as_str() else {
            self.page().wrong_type("unit", span, value, "a string");
            return String::new();
        };
        unit.to_string()
    }
}

/// Reports names that occur more than once.
pub(crate) fn refuse_twice<'a>(page: &Page, names: impl Iterator<Item = &'a Name>, words: &str) {
    let mut seen: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
    for name in names.filter(|name| !name.is_missing()) {
        if let Some(first) = seen.get(name.text.as_str()) {
            let problem = Diagnostic::error(codes::DUPLICATE, name.span, format!("`{}` {words}", name.text));
            page.report(problem.with_label(*first, "first here"));
        } else {
            seen.insert(&name.text, name.span);
        }
    }
}
