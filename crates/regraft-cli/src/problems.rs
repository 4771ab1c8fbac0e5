//! Problems in a user's files, drawn with the lines they are in.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use regraft_model::{Diagnostic, Severity, Sources};

/// Draws all problems to stderr, then one line with their number.
pub fn show(sources: &Sources, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        eprintln!("{}\n", draw(sources, diagnostic));
    }
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let warnings = diagnostics.len() - errors;
    if errors + warnings > 0 {
        eprintln!("{}", count(errors, warnings));
    }
}

fn count(errors: usize, warnings: usize) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (errors, warnings) {
        (0, w) => plural(w, "warning"),
        (e, 0) => plural(e, "error"),
        (e, w) => format!("{}, {}", plural(e, "error"), plural(w, "warning")),
    }
}

/// One problem as rustc would draw it, with `PATH:LINE:COL`.
fn draw(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code)
        .elements(Vec::<Snippet<'_, annotate_snippets::Annotation<'_>>>::new());
    for (i, label) in diagnostic.labels.iter().enumerate() {
        let source = sources.get(label.span.source);
        let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let range = clamp(&source.text, label.span.start as usize, label.span.end as usize);
        let annotation = kind.span(range).label(label.text.as_str());
        group = group
            .element(Snippet::source(source.text.as_str()).path(source.path.as_str()).annotation(annotation));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let color = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// A range inside the text, on character borders.
fn clamp(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let border = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(start);
    start..border(end).max(start)
}
