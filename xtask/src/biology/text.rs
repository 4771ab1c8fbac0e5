//! Model texts as written, with the comment of each statement.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use regraft_model::antimony::parse;
use regraft_model::syntax::{Assigned, ExpressionText, FileText, ModelText, Name, Statement};
use regraft_model::{Sources, Span};

use super::cards::{self, Override};
use crate::modules::sorted;

/// One model file.
pub struct File {
    pub name: String,
    pub source: String,
    pub parsed: FileText,
}

/// All model files of the library, and what cards override.
pub struct Library {
    pub files: Vec<File>,
    pub overrides: Vec<Override>,
}

impl Library {
    /// Reads `models/*.ant` and the cards.
    pub fn read(folder: &Path) -> Result<Library> {
        let mut texts = Vec::new();
        for path in sorted(&folder.join("models"))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".ant") {
                texts.push((name, std::fs::read_to_string(&path)?));
            }
        }
        let texts: Vec<(&str, &str)> =
            texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Library::of_texts(&texts, cards::overrides(folder)?)
    }

    /// Parses texts by file name.
    pub fn of_texts(texts: &[(&str, &str)], overrides: Vec<Override>) -> Result<Library> {
        let mut files = Vec::new();
        for (name, text) in texts {
            let mut sources = Sources::default();
            let id = sources.add(*name, *text);
            let (parsed, problems) = parse(&sources, id);
            let shown: Vec<String> = problems.iter().map(|problem| problem.render(&sources)).collect();
            ensure!(shown.is_empty(), "{}", shown.join("\n"));
            files.push(File { name: name.to_string(), source: text.to_string(), parsed });
        }
        Ok(Library { files, overrides })
    }

    /// The file of a name.
    pub fn file(&self, name: &str) -> Result<&File> {
        let known = || self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = self.files.iter().find(|file| file.name == name);
        found.with_context(|| format!("there is no model `{name}`; known are {}", known()))
    }

    /// Names of the instances of a model, in all files.
    pub fn instances(&self, model: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for statement in self.statements() {
            if let Statement::Submodel { instance, model: named, .. } = statement
                && named.text == model
            {
                found.insert(instance.text.as_str());
            }
        }
        found
    }

    /// Every statement of every model.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.files.iter().flat_map(|file| &file.parsed.models).flat_map(|model| &model.statements)
    }

    /// What feeds the inputs of a model: the other side of each `instance.input is source`.
    pub fn feeds(&self, model: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let instances = self.instances(model);
        let mut feeds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for statement in self.statements() {
            let Statement::Same { left, right } = statement else { continue };
            let Some((instance, input)) = left.text.rsplit_once('.') else { continue };
            // `drug.effect is effect_of_drug` gives an output another name: it feeds nothing.
            if instances.contains(instance) && right.text.contains('.') {
                feeds.entry(input).or_default().insert(&right.text);
            }
        }
        feeds
    }
}

/// A comment as Markdown that shows it as it is: no emphasis, no tags.
pub fn plain(text: &str) -> String {
    text.replace('*', "\\*").replace('<', "&lt;")
}

/// An assignment of a model with what stands around it.
pub struct Assignment<'a> {
    pub assigned: Assigned,
    pub name: &'a Name,
    pub value: &'a ExpressionText,
    pub comment: String,
}

impl File {
    /// The assignments of a model, in the order of the text.
    pub fn assignments<'a>(&'a self, model: &'a ModelText) -> Vec<Assignment<'a>> {
        let of = |statement: &'a Statement| match statement {
            Statement::Assign { assigned, name, value } => {
                Some(Assignment { assigned: *assigned, name, value, comment: self.comment(name.span) })
            }
            _ => None,
        };
        model.statements.iter().filter_map(of).collect()
    }

    /// Declared units of a model by name.
    pub fn units<'a>(&self, model: &'a ModelText) -> BTreeMap<&'a str, &'a str> {
        let of = |statement: &'a Statement| match statement {
            Statement::HasUnit { name, unit } => Some((name.text.as_str(), unit.text.as_str())),
            _ => None,
        };
        model.statements.iter().filter_map(of).collect()
    }

    /// What the file says it is: its first comment lines.
    pub fn opening(&self) -> String {
        let lines = self.source.lines().map(str::trim).take_while(|line| line.starts_with("//"));
        lines.map(|line| line.trim_start_matches('/').trim()).collect::<Vec<_>>().join(" ")
    }

    /// The text of a place.
    pub fn slice(&self, span: Span) -> &str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The comment behind a statement on its line, else the lines of comment directly above it.
    pub fn comment(&self, span: Span) -> String {
        let start = (span.start as usize).min(self.source.len());
        let before = &self.source[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.source[line_start..].lines().next().unwrap_or_default();
        if let Some((_, comment)) = line.split_once("//") {
            return comment.trim().to_string();
        }
        let mut above: Vec<&str> = Vec::new();
        for line in self.source[..line_start].lines().rev() {
            match line.trim().strip_prefix("//") {
                Some(comment) => above.push(comment.trim()),
                None => break,
            }
        }
        above.reverse();
        above.join(" ")
    }
}
