//! Joining: models and their sub-models, as written, become one [`Model`].
//!
//! `instance` walks the main model and its sub-models and notes what each says about
//! which name; `merge` joins the names that mean the same and settles who wins;
//! `resolve` turns written expressions into typed ones.

mod builtin;
mod function;
mod instance;
mod merge;
mod resolve;
mod sink;
mod unit_scope;

pub use resolve::resolve_free;

use crate::code;
use crate::diag::Diagnostic;
use crate::model::Model;
use crate::source::{SourceId, Span};
use crate::syntax::{FileText, ModelText, Name, Statement};

/// Joins everything that `files` say into the main model of the last file.
///
/// The last file is the root; the files it imports stand before it.
pub fn compose(files: &[FileText], root: SourceId) -> (Model, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let loose = loose_model(files, root);
    let functions = function::functions(files, &mut problems);
    refuse_loose_imports(files, &mut problems);
    let Some(main) = main_model(files, loose.as_ref()) else {
        problems.push(Diagnostic::error(code::NO_MODEL, Span::new(root, 0, 0), "the text holds no model"));
        return (Model::default(), problems);
    };
    let catalog = instance::Catalog::new(files, &mut problems);
    let facts = instance::gather(main, &catalog, &mut problems);
    let mut model = merge::merge(&facts, &functions, &mut problems);
    model.name = main.name.text.clone();
    model.label = label_of(files, &main.name.text);
    model.functions = functions;
    (model, problems)
}

/// Statements outside of any model are a model of their own, as in Antimony.
fn loose_model(files: &[FileText], root: SourceId) -> Option<ModelText> {
    let file = files.last()?;
    let is_model = |name: &str| file.models.iter().any(|m| m.name.text == name);
    let about_model = |s: &Statement| matches!(s, Statement::Label { name, .. } if is_model(&name.text));
    let statements: Vec<Statement> = file.loose.iter().filter(|s| !about_model(s)).cloned().collect();
    let name = Name { text: "__main".to_string(), span: Span::new(root, 0, 0) };
    (!statements.is_empty()).then(|| ModelText { name, main: false, interface: Vec::new(), statements })
}

/// An import brings models and functions; other statements in it would be lost.
fn refuse_loose_imports(files: &[FileText], problems: &mut Vec<Diagnostic>) {
    for file in &files[..files.len().saturating_sub(1)] {
        let lost = file.loose.iter().find_map(|statement| match statement {
            Statement::Label { .. } => None,
            Statement::Declare { name, .. } | Statement::Assign { name, .. } => Some(name.span),
            Statement::Reaction { span, .. } | Statement::Event { span, .. } => Some(*span),
            Statement::Submodel { instance, .. } => Some(instance.span),
            Statement::Same { left, .. } => Some(left.span),
            Statement::HasUnit { name, .. } | Statement::Unit { name, .. } => Some(name.span),
        });
        if let Some(span) = lost {
            let message = "statements outside of a model in an imported text are not supported";
            problems.push(Diagnostic::error(code::UNSUPPORTED, span, message));
        }
    }
}

/// The model marked `*`, else the statements outside of any model, else the last model.
fn main_model<'a>(files: &'a [FileText], loose: Option<&'a ModelText>) -> Option<&'a ModelText> {
    let models = &files.last()?.models;
    models.iter().rfind(|m| m.main).or(loose).or(models.last())
}

fn label_of(files: &[FileText], model: &str) -> String {
    let mut labels = files.iter().flat_map(|f| &f.loose).filter_map(|statement| match statement {
        Statement::Label { name, text } if name.text == model => Some(text),
        _ => None,
    });
    labels.next_back().cloned().unwrap_or_default()
}
