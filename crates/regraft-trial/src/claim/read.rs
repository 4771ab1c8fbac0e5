//! Reading a claim.

use regraft_model::Diagnostic;

use super::{Claim, Holds, Test};
use crate::codes;
use crate::reader::{Bound, Reader};
use crate::trial_file::{METHODS, Method};

pub(super) fn read(reader: &mut Reader<'_>) -> Claim {
    let claim = Claim {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        place: reader.optional_count("place").unwrap_or(0),
        statement: reader.text("statement").text,
        trials_say: reader.text("trials_say").text,
        provenance: reader.provenance(),
        tests: reader.tables("test").into_iter().map(read_test).collect(),
    };
    reader.optional_text("note");
    if !reader.has("test") {
        let problem = Diagnostic::error(codes::EMPTY, reader.span(), "this claim has no `[[test]]`");
        reader.report(problem.with_help("name a finding of a trial of the library and the bar it must pass"));
    }
    claim
}

fn read_test(mut table: Reader<'_>) -> Test {
    let test = Test {
        title: table.text("title").text,
        trial: table.text("trial"),
        endpoint: table.text("endpoint"),
        method: table.word("method", &METHODS).unwrap_or(Method::Proportion),
        arm: table.text("arm"),
        versus: table.optional_text("versus"),
        at_day: table.optional_number("at_day", Bound::NotNegative),
        holds: table
            .word("holds", &[("above", Holds::Above), ("below", Holds::Below)])
            .unwrap_or(Holds::Above),
        bar: table.number("bar", Bound::Finite),
        why: table.text("why").text,
        span: table.span(),
    };
    table.finish();
    test
}
