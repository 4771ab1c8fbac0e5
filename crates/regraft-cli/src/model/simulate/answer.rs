//! Where the values go: a file, a summary, stdout, and always a table of who failed.

use std::fs::File;
use std::io::{BufWriter, Error, ErrorKind, Result as IoResult, Stdout, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use regraft::ensemble::{
    Block, Columns, CsvSink, FailedPatient, FailuresSink, ParquetSink, Sink, Summary, is_parquet,
};

use super::files::Unfinished;
use crate::arguments::SimulateModel;

/// Most failed patients named on stderr; all are in the table.
const MOST_NAMED: usize = 10;

type Sheet = BufWriter<File>;

/// Everything that is written.
#[derive(Default)]
pub struct Answer {
    values: Option<ParquetSink<Sheet>>,
    text: Option<CsvSink<BufWriter<Stdout>>>,
    /// Whether values are printed.
    printed: bool,
    summary: Option<Summary>,
    /// Where the summary goes; to stdout without it.
    summary_file: Option<(PathBuf, Option<Sheet>)>,
    failures: Option<FailuresSink<Sheet>>,
    files: Vec<Unfinished>,
    /// The first who failed.
    pub first_failed: Vec<FailedPatient>,
}

impl Answer {
    /// Opens what the arguments ask for. Without a file the values of a single patient are printed, of a
    /// population its summary.
    pub fn begin(
        arguments: &SimulateModel,
        columns: &Columns,
        times: Vec<f64>,
        n_patients: usize,
        is_population: bool,
    ) -> Result<Answer> {
        let mut answer = Answer::default();
        let (out, summary) = (arguments.out.as_deref(), arguments.summary.as_deref());
        let to_stdout = out == Some(Path::new("-"));
        let nowhere = out.is_none() && summary.is_none();
        if to_stdout || (nowhere && !is_population) {
            answer.printed = true;
            answer.text = Some(CsvSink::new(BufWriter::new(stdout()), columns)?);
        } else if let Some(out) = out {
            let sheet = answer.open(out)?;
            answer.values = Some(ParquetSink::new(sheet, columns)?);
        }
        if let Some(place) = summary {
            let sheet = answer.open(place)?;
            answer.summary_file = Some((place.to_path_buf(), Some(sheet)));
        }
        if summary.is_some() || (nowhere && is_population) {
            answer.summary = Some(Summary::new(columns, times, n_patients));
        }
        if let Some(place) = out.filter(|_| !to_stdout).or(summary) {
            let sheet = answer.open(&place.with_extension("failures.parquet"))?;
            answer.failures = Some(FailuresSink::new(sheet)?);
        }
        Ok(answer)
    }

    fn open(&mut self, place: &Path) -> Result<Sheet> {
        let (unfinished, sheet) = Unfinished::begin(place)?;
        self.files.push(unfinished);
        Ok(sheet)
    }

    /// Ends all files and gives them their names; prints the summary if it has no file.
    pub fn finish(&mut self) -> Result<()> {
        if let Some(text) = self.text.take() {
            forgive(text.finish())?;
        }
        if let Some(values) = self.values.take() {
            values.finish()?.flush()?;
        }
        match (&self.summary, &mut self.summary_file) {
            (Some(summary), Some((place, sheet))) => {
                let sheet = sheet.take().context("the summary is written once")?;
                write_summary(summary, place, sheet)
                    .with_context(|| format!("cannot write `{}`", place.display()))?;
            }
            (Some(summary), None) => forgive(summary.write_csv(&mut BufWriter::new(stdout())))?,
            (None, _) => {}
        }
        if let Some(failures) = self.failures.take() {
            failures.finish()?.flush()?;
        }
        self.files.iter_mut().try_for_each(Unfinished::finish)
    }

    /// The files, the table of failures last.
    pub fn written(&self) -> Vec<&Path> {
        self.files.iter().map(Unfinished::place).collect()
    }

    /// The files under their names of now.
    pub fn unfinished(&self) -> Vec<PathBuf> {
        self.files.iter().map(|file| file.now().to_path_buf()).collect()
    }

    /// Whether values are printed.
    pub fn is_on_stdout(&self) -> bool {
        self.printed
    }

    /// Whether writing ended because nobody reads stdout any more.
    pub fn reader_went_away(&self, error: &Error) -> bool {
        self.printed && error.kind() == ErrorKind::BrokenPipe
    }
}

fn write_summary(summary: &Summary, place: &Path, mut sheet: Sheet) -> IoResult<()> {
    if is_parquet(place) {
        return summary.write_parquet(sheet)?.flush();
    }
    summary.write_csv(&mut sheet)
}

/// A reader of stdout who went away is no error.
fn forgive(written: IoResult<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to stdout"),
    }
}

impl Sink for Answer {
    fn block(&mut self, block: &Block) -> IoResult<()> {
        for failed in &block.failed {
            if self.first_failed.len() < MOST_NAMED {
                self.first_failed.push(failed.clone());
            }
        }
        let values = self.values.as_mut().map(|sink| sink as &mut dyn Sink);
        let text = self.text.as_mut().map(|sink| sink as &mut dyn Sink);
        let summary = self.summary.as_mut().map(|sink| sink as &mut dyn Sink);
        let failures = self.failures.as_mut().map(|sink| sink as &mut dyn Sink);
        [values, text, summary, failures].into_iter().flatten().try_for_each(|sink| sink.block(block))
    }
}
