//! Ensembles: the event table against formulas and NONMEM, tables with mistakes, failing patients.

use regraft_model::{Diagnostic, Model, Program, Sources, lower, read_antimony};

use super::events::read_events;
use super::patients::read_patients;
use super::*;

mod accumulated;
mod conformance;
mod failures;
mod formulas;
mod sizes;
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

/// A sink that keeps everything, as one block.
#[derive(Default)]
struct Kept(Option<Block>);

impl Sink for Kept {
    fn block(&mut self, block: &Block) -> std::io::Result<()> {
        match &mut self.0 {
            Some(all) => {
                all.patients.extend(&block.patients);
                all.values.extend(&block.values);
                all.failed.extend(block.failed.iter().cloned());
            }
            none => *none = Some(block.clone()),
        }
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
        read_patients(id, &mut text.as_bytes(), &self.program).expect("it is in memory")
    }

    fn doses(&mut self, text: &str, patients: Option<&PatientTable>) -> (Events, Vec<Diagnostic>) {
        let id = self.sources.add("doses.csv", text);
        let known = patients.map(|table| &table.patients);
        read_events(id, &mut text.as_bytes(), &self.model, &self.program, known).expect("it is in memory")
    }

    /// Reads and simulates; the tables must be without errors. All values as one block.
    fn run(&mut self, parameters: &str, doses: &str, request: &Request) -> Block {
        let (events, found) = self.doses(doses, None);
        assert!(!found.iter().any(Diagnostic::is_error), "{}", self.render(&found));
        let (patients, found) = match parameters {
            "" => (PatientTable::alike([1]), Vec::new()),
            text => self.parameters(text),
        };
        assert!(found.is_empty(), "{}", self.render(&found));
        self.simulate(&patients, &events, request).expect("it can be run")
    }

    fn simulate(
        &self,
        patients: &PatientTable,
        events: &Events,
        request: &Request,
    ) -> Result<Block, EnsembleError> {
        let columns = columns(&self.model, &self.program);
        let ensemble = Ensemble { program: &self.program, patients, events, columns: &columns };
        let mut kept = Kept::default();
        let tally = simulate(&ensemble, request, &mut kept, &())?;
        let all = kept.0.expect("there are patients");
        assert_eq!((tally.n_patients, tally.n_failed), (all.patients.len(), all.failed.len()));
        Ok(all)
    }

    fn render(&self, found: &[Diagnostic]) -> String {
        found.iter().map(|problem| problem.render(&self.sources)).collect::<Vec<_>>().join("\n")
    }
}

/// No events for anybody.
const NO_DOSES: &str = "TIME,AMT\n";

fn request(end: f64, every: f64) -> Request {
    Request {
        end,
        every,
        relative_tolerance: 1e-6,
        absolute_tolerance: None,
        seed: 1,
        threads: Some(1),
        engine: regraft_sim::Engine::best(),
    }
}

impl Block {
    /// One column of one patient, `[time]`.
    fn column(&self, patient: usize, column: usize) -> Vec<f64> {
        let n_times = self.times.len();
        (0..n_times).map(|time| self.values[(patient * n_times + time) * self.n_columns + column]).collect()
    }
}
