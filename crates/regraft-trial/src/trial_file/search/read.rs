//! Reading the table `[search]`.

use regraft_model::Diagnostic;

use super::{
    Aim, CHANGES, Change, Compare, Constraint, Measure, Objective, SearchSpace, Selection, Values, Variable,
    Word,
};
use crate::codes;
use crate::name::Name;
use crate::quantity::refuse_twice;
use crate::reader::{Bound, Reader};
use crate::regimen::{STEP_KINDS, StepKind};
use crate::trial_file::METHODS;

pub(crate) fn read(mut table: Reader<'_>) -> SearchSpace {
    let span = table.span();
    let mut unread = Vec::new();
    let space = SearchSpace {
        arm: table.text("arm"),
        variables: kept(table.tables("vary").into_iter().map(read_variable), &mut unread),
        constraints: table.tables("constraint").into_iter().map(read_constraint).collect(),
        objectives: kept(table.tables("objective").into_iter().map(read_objective), &mut unread),
        compare: table.tables("compare").into_iter().map(read_compare).collect(),
        unread,
        provenance: table.provenance(),
        span,
    };
    table.optional_text("note");
    let names = space.variables.iter().map(|one| &one.name);
    refuse_twice(table.page(), names.chain(space.objectives.iter().map(|one| &one.name)), "is named twice");
    for (key, is_empty, words) in [
        ("vary", space.variables.is_empty(), "nothing is varied: write `[[search.vary]]`"),
        ("objective", space.objectives.is_empty(), "there is no aim: write `[[search.objective]]`"),
    ] {
        if is_empty && !table.has(key) {
            table.report(Diagnostic::error(codes::EMPTY, span, words));
        }
    }
    if let Some(first) = space.objectives.first().filter(|_| space.objectives.iter().all(|one| one.optional))
    {
        let words = "every objective is `optional`: a search needs one that is an aim unasked";
        table.report(Diagnostic::error(codes::CONTRADICTION, first.span, words));
    }
    table.finish();
    space
}

/// What could be read; the names of the rest go to `unread`.
fn kept<T>(found: impl Iterator<Item = Result<T, Name>>, unread: &mut Vec<Name>) -> Vec<T> {
    found.filter_map(|one| one.map_err(|name| unread.push(name)).ok()).collect()
}

/// A variable, or its name where it cannot be read.
fn read_variable(mut table: Reader<'_>) -> Result<Variable, Name> {
    let (name, title) = (table.identifier("name"), table.text("title").text);
    let word = table.word("change", &CHANGES);
    let quantity = table.optional_text("quantity");
    let wants_quantity = matches!(word, Some(Word::Set | Word::SetTimes));
    if word.is_some() && wants_quantity != quantity.is_some() {
        let (code, words) = match wants_quantity {
            true => (codes::MISSING_KEY, "`set` and `set_times` need `quantity`, a name of the model"),
            false => (codes::CONTRADICTION, "`quantity` is for `set` and `set_times`"),
        };
        table.report(Diagnostic::error(code, table.span(), words));
    }
    let of = Selection {
        steps: table.texts("steps"),
        drugs: table.texts("drugs"),
        kinds: read_kinds(&mut table),
        rules: table.texts("rules"),
    };
    let values = word.map(|word| read_values(&mut table, word));
    if word.is_none() {
        // What a word that is not known would want cannot be judged.
        for key in ["low", "high", "step", "products"] {
            table.take(key);
        }
    }
    let unit = table.optional_text("unit");
    let span = table.span();
    table.optional_text("note");
    if word == Some(Word::Product) && of != Selection::default() {
        table.report(Diagnostic::error(codes::CONTRADICTION, span, "a product is that of the whole arm"));
    }
    table.finish();
    let (Some(word), Some(values)) = (word, values) else { return Err(name) };
    let change = change_of(word, quantity.unwrap_or(Name::missing(span)));
    Ok(Variable { name, title, change, of, values, unit, span })
}

fn change_of(word: Word, quantity: Name) -> Change {
    match word {
        Word::Dose => Change::Dose,
        Word::DoseTimes => Change::DoseTimes,
        Word::ShiftDays => Change::ShiftDays,
        Word::Repeats => Change::Repeats,
        Word::EveryDays => Change::EveryDays,
        Word::StretchTimes => Change::StretchTimes,
        Word::Given => Change::Given,
        Word::Set => Change::Set(quantity),
        Word::SetTimes => Change::SetTimes(quantity),
        Word::Product => Change::Product,
    }
}

fn read_kinds(table: &mut Reader<'_>) -> Vec<StepKind> {
    let words = table.texts("kinds");
    words.iter().filter_map(|word| table.as_word("kinds", word, &STEP_KINDS)).collect()
}

/// What values of a change may be.
fn bound(word: Word) -> Bound {
    match word {
        Word::Dose | Word::DoseTimes | Word::SetTimes | Word::Given => Bound::NotNegative,
        Word::ShiftDays => Bound::Day,
        Word::Repeats | Word::EveryDays | Word::StretchTimes => Bound::Positive,
        Word::Set | Word::Product => Bound::Finite,
    }
}

fn read_values(table: &mut Reader<'_>, word: Word) -> Values {
    match word {
        Word::Product => {
            let products = table.texts("products");
            if products.len() < 2 && (products.is_empty() || table.has("products")) {
                let words = "`products` must list two or more";
                table.report(Diagnostic::error(codes::EMPTY, table.span_of("products"), words));
            }
            refuse_twice(table.page(), products.iter(), "is listed twice");
            Values::Products(products)
        }
        Word::Given => Values::Range { low: 0.0, high: 1.0, step: 1.0 },
        _ => read_range(table, word),
    }
}

fn read_range(table: &mut Reader<'_>, word: Word) -> Values {
    let low = table.number("low", bound(word));
    let high = table.number("high", bound(word));
    let written = table.optional_number("step", Bound::Positive);
    let step = written.unwrap_or(if word == Word::Repeats { 1.0 } else { 0.0 });
    let refuse = |key: &str, words: String| {
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span_of(key), words));
    };
    if low >= high {
        refuse("high", format!("`high` {high} is not above `low` {low}"));
    } else if step > high - low {
        refuse("step", format!("`step` {step} is longer than the way from {low} to {high}"));
    }
    if word == Word::Repeats {
        for (key, value) in [("low", low), ("high", high), ("step", step)] {
            if value.fract() != 0.0 && !value.is_nan() {
                refuse(key, format!("`{key}` is {value}, must be a whole number: it counts"));
            }
        }
        if high > MOST_REPEATS {
            refuse("high", format!("`high` is {high}, at most {MOST_REPEATS} repeats are possible"));
        }
    }
    Values::Range { low, high, step }
}

/// Most times a step is repeated. Chosen: daily for a year; no product or drug is infused more often.
const MOST_REPEATS: f64 = 366.0;

fn read_constraint(mut table: Reader<'_>) -> Constraint {
    let constraint = Constraint { name: table.text("name"), when: table.text("when") };
    table.optional_text("note");
    table.finish();
    constraint
}

/// An objective, or its name where it cannot be read.
fn read_objective(mut table: Reader<'_>) -> Result<Objective, Name> {
    table.refuse_both("endpoint", "formula");
    let (name, title) = (table.identifier("name"), table.text("title").text);
    let (endpoint, formula) = (table.optional_text("endpoint"), table.optional_text("formula"));
    let method = table.optional_word("method", &METHODS);
    let at_day = table.optional_number("at_day", Bound::NotNegative);
    let aim = table.word("aim", &[("maximize", Aim::Maximize), ("minimize", Aim::Minimize)]);
    let unit = table.optional_text("unit").map(|unit| unit.text).unwrap_or_default();
    let optional = table.flag("optional", false);
    let span = table.span();
    let measure = match (endpoint, formula) {
        (Some(endpoint), _) => Some(Measure::Endpoint { endpoint, method, at_day }),
        (None, Some(formula)) => {
            for key in ["method", "at_day"] {
                if table.has(key) {
                    let words = format!("`{key}` is for an `endpoint`");
                    table.report(Diagnostic::error(codes::CONTRADICTION, table.span_of(key), words));
                }
            }
            Some(Measure::Formula(formula))
        }
        (None, None) => {
            if !table.has("endpoint") && !table.has("formula") {
                let words = "`objective` lacks `endpoint` or `formula`";
                table.report(Diagnostic::error(codes::MISSING_KEY, span, words));
            }
            None
        }
    };
    if let Some(method) = method.filter(|method| method.is_ratio()) {
        let words = format!("`{}` compares two arms; an objective is of one", method.word());
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span_of("method"), words));
    }
    table.optional_text("note");
    table.finish();
    match (measure, aim) {
        (Some(measure), Some(aim)) => Ok(Objective { name, title, measure, aim, unit, optional, span }),
        _ => Err(name),
    }
}

fn read_compare(mut table: Reader<'_>) -> Compare {
    let compare = Compare {
        regimen: table.text("regimen"),
        product: table.optional_text("product"),
        title: table.optional_text("title").map(|title| title.text),
        day_zero_at: table.optional_number("day_zero_at", Bound::Day),
        values: table.optional_table("values").map(read_numbers).unwrap_or_default(),
        span: table.span(),
    };
    table.optional_text("note");
    table.finish();
    compare
}

/// Plain numbers by name.
fn read_numbers(mut table: Reader<'_>) -> Vec<(Name, f64)> {
    let entries = table.entries();
    let page = table.page();
    let number = |(name, span, value): (Name, _, _)| {
        page.plain_number(&name.text, span, value, Bound::Finite).map(|number| (name, number))
    };
    entries.into_iter().filter_map(number).collect()
}
