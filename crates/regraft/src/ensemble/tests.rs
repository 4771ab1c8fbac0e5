//! Ensembles: the event table against formulas and NONMEM, tables with mistakes, failing patients.

use regraft_model::{Diagnostic, Model, Program, Sources, lower, read_antimony};

use super::*;

mod conformance;
mod failures;
mod formulas;
mod tables;

/// One compartment with first-order absorption: hours, liters, milligrams.
const ONE_COMPARTMENT: &str = "model pk()
  ka = 1.5; CL = 1.1; V = 20;
  depot = 0; central = 0;
  depot' = -ka*depot;
  central' = ka*depot - CL/V*central;
  cp := 1000*central/V;
end";

struct Bench {
    sources: Sources,
    model: Model,
    program: Program,
}

/// A sink that keeps everything.
#[derive(Default)]
struct Kept(Vec<Block>);

impl Sink for Kept {
    fn block(&mut self, block: &Block) -> std::io::Result<()> {
        self.0.push(block.clone());
        Ok(())
    }
}

impl Bench {
    fn new(text: &str) -> Bench {
        let mut sources = Sources::default();
        let root = sources.add("m.ant", text);
        let (model, _) = read_antimony(&mut sources, root, &mut |_, _| None);
        let program = lower(&model).expect("the text is a model");
        Bench { sources, model, program }
    }

    fn parameters(&mut self, text: &str) -> (PatientTable, Vec<Diagnostic>) {
        let id = self.sources.add("patients.csv", text);
        read_patients(&self.sources, id, &self.program)
    }

    fn doses(&mut self, text: &str, patients: Option<&PatientTable>) -> (Events, Vec<Diagnostic>) {
        let id = self.sources.add("doses.csv", text);
        let known = patients.map(|table| &table.patients);
        read_events(&self.sources, id, &self.model, &self.program, known)
    }

    /// Reads and simulates; the tables must be without errors.
    fn run(&mut self, parameters: &str, doses: &str, request: &Request) -> (Vec<Block>, Tally) {
        let (events, found) = self.doses(doses, None);
        assert!(!found.iter().any(Diagnostic::is_error), "{}", self.render(&found));
        let (patients, found) = match parameters {
            "" => (PatientTable::alike([1]), Vec::new()),
            text => self.parameters(text),
        };
        assert!(found.is_empty(), "{}", self.render(&found));
        let columns = columns(&self.model, &self.program);
        let mut kept = Kept::default();
        let tally =
            simulate(&self.program, &patients, &events, &columns, request, &mut kept).expect("it can be run");
        (kept.0, tally)
    }

    fn render(&self, found: &[Diagnostic]) -> String {
        found.iter().map(|problem| problem.render(&self.sources)).collect::<Vec<_>>().join("\n")
    }
}

/// No events for anybody.
const NO_DOSES: &str = "TIME,AMT\n";

fn request(end: f64, every: f64) -> Request {
    Request { end, every, relative_tolerance: 1e-6, absolute_tolerance: None, threads: Some(1) }
}

impl Block {
    /// One column of one patient, `[time]`.
    fn column(&self, patient: usize, column: usize) -> Vec<f64> {
        let n_times = self.times.len();
        (0..n_times).map(|time| self.values[(patient * n_times + time) * self.n_columns + column]).collect()
    }
}
