//! The generated parts of `docs/biology`: equations and parameters of a model text, the index and the diagram.
//!
//! A page says where they stand with marks: `<!-- equations: marrow.ant -->` … `<!-- end of equations -->`, and
//! `parameters` likewise. What stands between them is written by `cargo xtask docs`; `cargo xtask check` holds it
//! against the model.

mod cards;
mod equations;
mod expression;
mod index;
mod parameters;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::commands::root;
use crate::modules::sorted;
use text::Library;

/// Page of the index.
const INDEX: &str = "README.md";

/// Writes every page anew.
pub fn write_docs() -> Result<()> {
    for (path, _, fresh) in pages()? {
        std::fs::write(&path, fresh).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Pages whose generated parts are not those of the models.
pub fn problems() -> Result<Vec<String>> {
    let stale = pages()?.into_iter().filter(|(_, old, fresh)| old != fresh);
    let name = |path: &Path| path.strip_prefix(root()).unwrap_or(path).display().to_string();
    Ok(stale.map(|(path, ..)| format!("{} is stale: run `cargo xtask docs`", name(&path))).collect())
}

/// Every page with its text as it is and as it should be.
fn pages() -> Result<Vec<(PathBuf, String, String)>> {
    let library = Library::read(&root().join("library"))?;
    let mut pages = Vec::new();
    for path in sorted(&root().join("docs/biology"))? {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let old = std::fs::read_to_string(&path)?;
        let fresh = fill(&old, &library).with_context(|| format!("in {}", path.display()))?;
        pages.push((path, old, fresh));
    }
    Ok(pages)
}

/// A page with its generated parts made anew.
fn fill(page: &str, library: &Library) -> Result<String> {
    let mut fresh = String::new();
    let mut rest = page;
    while let Some((before, kind, subject, after)) = next_mark(rest) {
        let end = format!("<!-- end of {kind} -->");
        let (_, behind) = after.split_once(&end).with_context(|| format!("`{kind}` has no `{end}`"))?;
        let body = match kind {
            "equations" => equations::list(library.file(subject)?),
            "parameters" => parameters::tables(library, subject)?,
            "modules" if subject == INDEX => index::modules(library),
            "diagram" => index::diagram(library, subject)?,
            _ => bail!("unknown mark `{kind}: {subject}`"),
        };
        fresh.push_str(&format!("{before}<!-- {kind}: {subject} -->\n\n{}\n\n{end}", body.trim_end()));
        rest = behind;
    }
    Ok(fresh + rest)
}

/// The words that a mark may begin with.
const KINDS: [&str; 4] = ["equations", "parameters", "modules", "diagram"];

/// The next mark: text before it, its kind, its subject, text after it.
fn next_mark(text: &str) -> Option<(&str, &'static str, &str, &str)> {
    let marks = KINDS.iter().filter_map(|kind| Some((text.find(&format!("<!-- {kind}: "))?, *kind)));
    let (at, kind) = marks.min()?;
    let inside = &text[at + format!("<!-- {kind}: ").len()..];
    let (subject, after) = inside.split_once("-->")?;
    Some((&text[..at], kind, subject.trim(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "// A tank that leaks.\nmodel tank_module()\n  unit L = litre;\n  // Inputs from other modules.\n  inflow = 1;  // q, L_per_day: what comes in\n  leak = 0.5;  leak has per_day;  // k: share lost a day\n  water = 2;  water has L;  // W: water\n  // L: what is lost\n  lost := leak*water^2/(1 + water);  lost has L;\n  water' = inflow - lost;\nend\n";

    fn library() -> Library {
        let core = "import \"tank.ant\"\nmodel core()\n  tank: tank_module();\n  hose: tank_module();\n  tank.inflow is hose.lost;\nend\n";
        Library::of_texts(&[("tank.ant", MODEL), ("core.ant", core)], Vec::new()).expect("it is right")
    }

    #[test]
    fn marks_are_filled_and_filling_again_changes_nothing() {
        let page = "# T\n<!-- equations: tank.ant -->\nold\n<!-- end of equations -->\nmore\n<!-- parameters: tank.ant --><!-- end of parameters -->\n";
        let fresh = fill(page, &library()).expect("the marks are right");
        assert!(fresh.contains("lost = leak · water² / (1 + water)"), "{fresh}");
        assert!(fresh.contains("d water / dt = inflow − lost"), "{fresh}");
        assert!(fresh.contains("| `leak` | 0.5 | per_day | k: share lost a day |"), "{fresh}");
        assert!(fresh.contains("| `inflow` | `hose.lost` |"), "{fresh}");
        assert!(!fresh.contains("old") && fresh.contains("\nmore\n"));
        assert_eq!(fill(&fresh, &library()).expect("still right"), fresh);
    }

    #[test]
    fn wrong_marks_are_told() {
        let library = library();
        assert!(fill("<!-- equations: tank.ant -->", &library).is_err(), "no end");
        assert!(
            fill("<!-- equations: tnk.ant --><!-- end of equations -->", &library).is_err(),
            "no such model"
        );
    }

    #[test]
    fn the_diagram_shows_what_feeds_what() {
        let page = "<!-- diagram: core.ant --><!-- end of diagram -->";
        let fresh = fill(page, &library()).expect("the mark is right");
        assert!(fresh.contains("hose -->|lost| tank"), "{fresh}");
    }
}
