//! Functions of the text, ordered so that each calls only earlier ones.

use super::resolve::{Context, Meaning, resolve};
use crate::code;
use crate::diag::{Diagnostic, nearest};
use crate::model::{Expression, Function, FunctionId, TermKind};
use crate::syntax::{ExpressionText, FileText, FunctionText, TermText};
use crate::units::UnitTable;

/// Deepest chain of functions that call each other.
const MAX_DEPTH: usize = 200;

/// All functions of all files.
pub(super) fn functions(files: &[FileText], problems: &mut Vec<Diagnostic>) -> Vec<Function> {
    let texts = distinct(files, problems);
    let mut functions: Vec<Function> = Vec::new();
    let mut depths: Vec<usize> = Vec::new();
    for index in call_order(&texts, problems) {
        let text = texts[index];
        let function = function(text, &functions, problems);
        let depth = 1 + callees(&function.body).map(|callee| depths[callee as usize]).max().unwrap_or(0);
        if depth == MAX_DEPTH + 1 {
            let message = format!("functions call each other more than {MAX_DEPTH} deep");
            problems.push(Diagnostic::error(code::LIMIT, text.name.span, message));
        }
        depths.push(depth);
        functions.push(function);
    }
    functions
}

fn callees(body: &Expression) -> impl Iterator<Item = FunctionId> {
    body.terms.iter().filter_map(|term| match term.kind {
        TermKind::Call(function, _) => Some(function),
        _ => None,
    })
}

fn distinct<'a>(files: &'a [FileText], problems: &mut Vec<Diagnostic>) -> Vec<&'a FunctionText> {
    let mut texts: Vec<&FunctionText> = Vec::new();
    for text in files.iter().flat_map(|file| &file.functions) {
        match texts.iter().find(|other| other.name.text == text.name.text) {
            Some(first) => {
                let message = format!("function `{}` is defined twice", text.name.text);
                let problem = Diagnostic::error(code::DUPLICATE, text.name.span, message);
                problems.push(problem.with_label(first.name.span, "first defined here"));
            }
            None => texts.push(text),
        }
    }
    texts
}

fn function(text: &FunctionText, earlier: &[Function], problems: &mut Vec<Diagnostic>) -> Function {
    let units = UnitTable::new();
    let lookup = |name: &str| {
        let arguments = text.arguments.iter().map(|a| a.text.as_str());
        Meaning::Unknown(nearest(name, arguments).map(str::to_string))
    };
    let context = Context {
        lookup: &lookup,
        arguments: &text.arguments,
        functions: earlier,
        units: &units,
        draws: false,
    };
    let body = resolve(&text.body, text.name.span, &context, problems);
    let arguments = text.arguments.iter().map(|a| a.text.clone()).collect();
    Function { name: text.name.text.clone(), span: text.name.span, arguments, body }
}

/// Order in which every function stands behind those it calls. Members of a cycle are
/// reported and left out.
fn call_order(texts: &[&FunctionText], problems: &mut Vec<Diagnostic>) -> Vec<usize> {
    let calls: Vec<Vec<usize>> = texts.iter().map(|text| called_names(&text.body, texts)).collect();
    let (order, cycle) = crate::check::order::topological(&calls);
    for index in cycle.iter().flatten() {
        let name = &texts[*index].name;
        let message = format!("function `{}` calls itself", name.text);
        problems.push(Diagnostic::error(code::RECURSION, name.span, message));
    }
    order.into_iter().filter(|index| !cycle.iter().flatten().any(|other| other == index)).collect()
}

fn called_names(body: &ExpressionText, texts: &[&FunctionText]) -> Vec<usize> {
    let names = body.terms.iter().filter_map(|(term, _)| match term {
        TermText::Call(name, _) => Some(name),
        _ => None,
    });
    names.filter_map(|name| texts.iter().position(|text| text.name.text == *name)).collect()
}
