//! A column of words of which few differ.

use std::collections::HashMap;
use std::sync::Arc;

use parquet::data_type::ByteArray;
use parquet::errors::Result;

/// Runs row by row; neighbors that are the same word are counted together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Runs {
    /// Word and rows of it, never two of one word in a row.
    runs: Vec<(Arc<str>, usize)>,
    /// Rows.
    len: usize,
}

/// Rows that the encoder is handed at once, as many as it takes by itself.
const BATCH: usize = 1024;

impl Runs {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends one row.
    pub fn push(&mut self, word: &Arc<str>) {
        self.extend(word, 1);
    }

    /// Appends the rows of another column.
    pub(super) fn append(&mut self, more: Runs) {
        if self.is_empty() {
            *self = more;
        } else {
            more.runs.iter().for_each(|(word, n)| self.extend(word, *n));
        }
    }

    fn extend(&mut self, word: &Arc<str>, n: usize) {
        self.len += n;
        match self.runs.last_mut() {
            Some((last, rows)) if Arc::ptr_eq(last, word) || last == word => *rows += n,
            _ => self.runs.push((word.clone(), n)),
        }
    }

    /// Removes the first `n` rows.
    pub(super) fn drop_first(&mut self, n: usize) {
        let (mut left, mut gone) = (n, 0);
        while left > 0 {
            let rows = &mut self.runs[gone].1;
            let taken = left.min(*rows);
            (*rows, left) = (*rows - taken, left - taken);
            gone += usize::from(*rows == 0);
        }
        self.runs.drain(..gone);
        self.len -= n;
    }

    /// Hands the rows from `from` to before `to` on as the encoder takes them, batch by batch of one word.
    ///
    /// # Errors
    /// What `write` reports.
    pub(super) fn write(
        &self,
        from: usize,
        to: usize,
        mut write: impl FnMut(&[ByteArray]) -> Result<()>,
    ) -> Result<()> {
        let mut batches: HashMap<&str, Vec<ByteArray>> = HashMap::new();
        let mut row = 0;
        for (word, rows) in &self.runs {
            let mut left = (row + rows).min(to).saturating_sub(row.max(from));
            row += rows;
            let batch = batches.entry(word).or_insert_with(|| vec![(**word).into()]);
            let most = left.min(BATCH);
            if batch.len() < most {
                batch.resize(most, batch[0].clone());
            }
            while left > 0 {
                let n = left.min(BATCH);
                write(&batch[..n])?;
                left -= n;
            }
        }
        Ok(())
    }
}

impl FromIterator<Arc<str>> for Runs {
    fn from_iter<I: IntoIterator<Item = Arc<str>>>(rows: I) -> Runs {
        let mut words = Runs::default();
        rows.into_iter().for_each(|word| words.push(&word));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &Runs, from: usize, to: usize) -> Vec<String> {
        let mut texts = Vec::new();
        let mut batches = Vec::new();
        words
            .write(from, to, |batch| {
                batches.push(batch.len());
                texts.extend(batch.iter().map(|word| word.as_utf8().unwrap().to_string()));
                Ok(())
            })
            .unwrap();
        assert!(batches.iter().all(|n| (1..=BATCH).contains(n)), "{batches:?}");
        texts
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let known: [Arc<str>; 3] = ["a".into(), "b".into(), "a".into()];
        // Runs of 1, 2, 3 … rows; the last word is the first in another place of memory.
        let rows: Vec<Arc<str>> =
            (0..60).flat_map(|run| std::iter::repeat_n(known[run % 3].clone(), 1 + run)).collect();
        let plain: Vec<String> = rows.iter().map(|word| word.to_string()).collect();
        let mut words: Runs = rows.iter().cloned().collect();
        assert_eq!(words.len(), plain.len());
        assert_eq!(texts(&words, 0, plain.len()), plain);
        assert_eq!(texts(&words, 17, 801), plain[17..801]);
        let mut pieces = Runs::default();
        rows.chunks(11).for_each(|piece| pieces.append(piece.iter().cloned().collect()));
        assert_eq!(pieces, words);
        words.drop_first(1234);
        assert_eq!(texts(&words, 0, words.len()), plain[1234..]);
        words.drop_first(words.len());
        assert!(words.is_empty() && words == Runs::default());
        let long: Runs = std::iter::repeat_n(known[0].clone(), 3000).collect();
        assert_eq!(texts(&long, 0, 3000).len(), 3000);
    }
}
