//! Problems in a user's files, drawn with the lines they are in.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use regraft_model::{Diagnostic, Label, Severity, SourceId, Sources};

use crate::output::tell;
use crate::words;

/// Draws all problems to stderr, then one line with their number.
pub fn show(sources: &Sources, diagnostics: &[Diagnostic]) {
    let mut drawer = Drawer { sources, lines: BTreeMap::new() };
    for diagnostic in diagnostics {
        tell(&format!("{}\n", drawer.draw(diagnostic)));
    }
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let warnings = diagnostics.len() - errors;
    if errors + warnings > 0 {
        tell(&count(errors, warnings));
    }
}

fn count(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, w) => words::count(w, "warning"),
        (e, 0) => words::count(e, "error"),
        (e, w) => format!("{}, {}", words::count(e, "error"), words::count(w, "warning")),
    }
}

struct Drawer<'a> {
    sources: &'a Sources,
    /// First bytes of the lines of a text, made when it is first needed.
    lines: BTreeMap<SourceId, Vec<usize>>,
}

/// The lines around a place, and the place within them.
struct Cut<'a> {
    text: &'a str,
    first_line: usize,
    place: Range<usize>,
}

impl<'a> Drawer<'a> {
    /// One problem as rustc would draw it, with `PATH:LINE:COL`.
    fn draw(&mut self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code)
            .elements(Vec::<Snippet<'_, Annotation<'_>>>::new());
        for (i, label) in diagnostic.labels.iter().enumerate() {
            let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let cut = self.cut(label);
            let snippet = Snippet::source(cut.text)
                .path(self.sources.get(label.span.source).path.as_str())
                .line_start(cut.first_line)
                .annotation(kind.span(cut.place).label(label.text.as_str()));
            group = group.element(snippet);
        }
        for help in &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let color = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// Only the lines concerned are given away: drawing is then quick however long the text is.
    fn cut(&mut self, label: &Label) -> Cut<'a> {
        let text = self.sources.get(label.span.source).text.as_str();
        let starts = self.lines.entry(label.span.source).or_insert_with(|| line_starts(text));
        let place = clamp(text, label.span.start as usize, label.span.end as usize);
        let first_line = starts.partition_point(|start| *start <= place.start);
        let from = starts[first_line - 1];
        let end = starts.get(starts.partition_point(|start| *start <= place.end)).copied();
        let cut = &text[from..end.unwrap_or(text.len())];
        Cut { text: cut, first_line, place: place.start - from..place.end - from }
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// A range inside the text, on character borders.
fn clamp(text: &str, start: usize, end: usize) -> Range<usize> {
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
