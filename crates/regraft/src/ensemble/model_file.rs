//! A model from a file, with the files that it imports.

use std::path::Path;

use regraft_model::{Diagnostic, Model, SourceId, Sources, Span, code, read_antimony};

use crate::library::{LibraryError, read_bytes};

/// Reads a model and what it imports; an import is looked for beside the file that names it.
///
/// Gives the model and all problems of its texts, which are added to `sources`.
///
/// # Errors
/// [`LibraryError`] if the file itself cannot be read.
pub fn read_model(sources: &mut Sources, path: &Path) -> Result<(Model, Vec<Diagnostic>), LibraryError> {
    let mut broken: Vec<(String, usize)> = Vec::new();
    let shown = path.display().to_string();
    let root = sources.add(shown.clone(), text(&read_bytes(path)?, &shown, &mut broken));
    let mut load = |import: &str, importing: &str| {
        let place = Path::new(importing).parent().unwrap_or(Path::new("")).join(import);
        let shown = place.display().to_string();
        let bytes = read_bytes(&place).ok()?;
        let text = text(&bytes, &shown, &mut broken);
        Some((shown, text))
    };
    let (model, problems) = read_antimony(sources, root, &mut load);
    Ok((model, in_place_of(problems, sources, root, &broken)))
}

/// The text of a file, without a byte order mark; noted in `broken` if it is not UTF-8.
fn text(bytes: &[u8], shown: &str, broken: &mut Vec<(String, usize)>) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        broken.push((shown.to_string(), error.valid_up_to()));
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// One problem in place of everything that follows from a text that is not UTF-8.
fn in_place_of(
    mut problems: Vec<Diagnostic>,
    sources: &Sources,
    root: SourceId,
    broken: &[(String, usize)],
) -> Vec<Diagnostic> {
    for (source, read) in sources.iter().filter(|(source, _)| *source >= root) {
        let Some((_, at)) = broken.iter().find(|(path, _)| *path == read.path) else { continue };
        problems.retain(|other| other.labels[0].span.source != source);
        let problem = Diagnostic::error(code::SYNTAX, Span::new(source, *at, *at), "not UTF-8 text");
        problems.push(problem.with_help("save the file as UTF-8"));
    }
    problems
}
