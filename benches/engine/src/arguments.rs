//! The command line: a command and pairs of `--key value`.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result, ensure};

/// What was typed.
pub struct Arguments {
    /// The first word.
    pub command: String,
    values: BTreeMap<String, String>,
}

/// Every key that some command knows.
const KEYS: [&str; 12] = [
    "case",
    "patients",
    "rtol",
    "lanes",
    "threads",
    "events",
    "copies",
    "reference",
    "values",
    "to",
    "piece",
    "instructions",
];

impl Arguments {
    /// Reads the words after the program's name.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments> {
        let command = words.next().unwrap_or_default();
        let mut values = BTreeMap::new();
        while let Some(word) = words.next() {
            let key = word.strip_prefix("--").unwrap_or_default().to_string();
            ensure!(KEYS.contains(&key.as_str()), "unknown option `{word}`; known: {}", KEYS.join(", "));
            let value = words.next().with_context(|| format!("`{word}` has no value"))?;
            values.insert(key, value);
        }
        Ok(Arguments { command, values })
    }

    /// The text of a key, if it was given.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The number of a key, or `otherwise`.
    pub fn number<T: FromStr>(&self, key: &str, otherwise: T) -> Result<T> {
        let Some(text) = self.text(key) else { return Ok(otherwise) };
        text.parse().ok().with_context(|| format!("`--{key} {text}` is not a number of the right kind"))
    }
}
