//! From text to model: the text, everything it imports, joined and checked.

use std::collections::{BTreeMap, BTreeSet};

use crate::antimony::parse;
use crate::check::check;
use crate::code;
use crate::compose::compose;
use crate::diag::Diagnostic;
use crate::model::Model;
use crate::source::{SourceId, Sources};
use crate::syntax::{FileText, Name};

/// Most texts that one model may import.
const MAX_IMPORTS: usize = 1024;

/// Answers an import: given the path as written and the path of the importing text, the
/// path under which the text is known and the text itself; none if there is none.
pub type Load<'a> = dyn FnMut(&str, &str) -> Option<(String, String)> + 'a;

/// Reads the Antimony text `root` and everything it imports.
///
/// Never fails: gives the model that could be read and all problems. `load` answers each
/// `import "path"`; a path that it knows already (by the path it gives back) is read once.
/// Texts that were loaded are added to `sources`, so that messages can point into them.
pub fn read_antimony(sources: &mut Sources, root: SourceId, load: &mut Load) -> (Model, Vec<Diagnostic>) {
    let mut reader = Reader {
        sources,
        load,
        files: Vec::new(),
        seen: BTreeMap::new(),
        open: Vec::new(),
        problems: Vec::new(),
    };
    reader.read(root);
    let Reader { files, mut problems, .. } = reader;
    let (mut model, mut found) = compose(&files, root);
    found.extend(check(&model));
    keep_causes(&problems, &mut found);
    problems.extend(found);
    let problems = in_order(problems);
    model.faults = problems.iter().filter(|problem| is_fault(problem)).cloned().collect();
    (model, problems)
}

/// Where a text cannot be read, what other texts miss of it are consequences, which are left out.
fn keep_causes(syntax: &[Diagnostic], found: &mut Vec<Diagnostic>) {
    let main = |problem: &Diagnostic| problem.labels[0].span.source;
    let broken: BTreeSet<SourceId> = syntax.iter().filter(|p| p.is_error()).map(main).collect();
    let inside =
        |problem: &Diagnostic| problem.labels.iter().all(|label| broken.contains(&label.span.source));
    found.retain(|problem| broken.is_empty() || inside(problem));
}

/// Whether a problem leaves the model incomplete. Units do not change what is computed.
fn is_fault(problem: &Diagnostic) -> bool {
    let only_units =
        matches!(problem.code, code::UNIT_MISMATCH | code::UNKNOWN_UNIT | code::NOT_DIMENSIONLESS);
    problem.is_error() && !only_units
}

struct Reader<'a, 'b> {
    sources: &'a mut Sources,
    load: &'a mut Load<'b>,
    /// Texts read, each behind those it imports.
    files: Vec<FileText>,
    seen: BTreeMap<String, SourceId>,
    /// Paths of the texts that are being read, outermost first.
    open: Vec<String>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn read(&mut self, source: SourceId) {
        let path = self.sources.get(source).path.clone();
        self.seen.insert(path.clone(), source);
        let (file, problems) = parse(self.sources, source);
        self.problems.extend(problems);
        self.open.push(path.clone());
        for import in &file.imports {
            self.import(import, &path);
        }
        self.open.pop();
        self.files.push(file);
    }

    fn import(&mut self, import: &Name, importer: &str) {
        let Some((path, text)) = (self.load)(&import.text, importer) else {
            let message = format!("cannot find the import `{}`", import.text);
            let problem = Diagnostic::error(code::IMPORT, import.span, message);
            self.problems.push(problem.with_help(format!("imports are looked for beside `{importer}`")));
            return;
        };
        if self.open.contains(&path) {
            let message =
                format!("`{path}` imports itself: {}", [self.open.join(" → "), path.clone()].join(" → "));
            self.problems.push(Diagnostic::error(code::RECURSION, import.span, message));
            return;
        }
        if self.seen.contains_key(&path) {
            return;
        }
        if self.seen.len() >= MAX_IMPORTS || self.open.len() >= 64 {
            let message = format!("more than {MAX_IMPORTS} imports, or imports nested more than 64 deep");
            self.problems.push(Diagnostic::error(code::LIMIT, import.span, message));
            return;
        }
        let source = self.sources.add(path, text);
        self.read(source);
    }
}

/// Problems by place in the text, each once.
fn in_order(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place = |d: &Diagnostic| (d.labels[0].span.source, d.labels[0].span.start, d.code);
    problems.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.message.cmp(&b.message)));
    problems.dedup();
    problems
}
