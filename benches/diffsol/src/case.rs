//! The case as the engine's benchmark exports it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// A state that never passes this has no size: it is 0, or 0 but for what the reference cannot tell from it.
const NOTHING: f64 = 1e-15;

/// A dose into a state of the DiffSL model.
pub struct Dose {
    /// When.
    pub time: f64,
    /// Which state.
    pub state: usize,
    /// Whether the value is added; else it is what the state is set to.
    pub is_added: bool,
    /// How much.
    pub value: f64,
}

/// Numbers of a case. States are those of the model, then one for each parameter that a dose sets.
pub struct Case {
    /// The equations.
    pub text: String,
    /// End of follow-up.
    pub end: f64,
    /// Output times.
    pub times: Vec<f64>,
    /// Size of each state, for absolute tolerances.
    pub sizes: Vec<f64>,
    /// In order of time.
    pub doses: Vec<Dose>,
    /// `[patient][state]` at the start.
    pub states: Vec<Vec<f64>>,
    /// `[patient][input]`
    pub inputs: Vec<Vec<f64>>,
    /// States of the model itself.
    pub n_states: usize,
    judged: Vec<bool>,
    /// `[patient, time, state]`
    reference: Vec<f64>,
}

impl Case {
    /// Reads `case.json`, `model.diffsl` and `reference.f64`.
    pub fn read(folder: &Path) -> Result<Case> {
        let raw: Value = serde_json::from_str(&fs::read_to_string(folder.join("case.json"))?)?;
        let bytes = fs::read(folder.join("reference.f64")).context("there is no reference")?;
        let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let set: Vec<usize> =
            all(&raw["set"]).iter().filter_map(|index| Some(index.as_u64()? as usize)).collect();
        let read: Vec<usize> =
            all(&raw["read"]).iter().filter_map(|index| Some(index.as_u64()? as usize)).collect();
        let mut states: Vec<Vec<f64>> = all(&raw["patient_states"]).iter().map(numbers).collect();
        let parameters: Vec<Vec<f64>> = all(&raw["patient_parameters"]).iter().map(numbers).collect();
        for (states, parameters) in states.iter_mut().zip(&parameters) {
            states.extend(set.iter().map(|parameter| parameters[*parameter]));
        }
        let described = all(&raw["states"]);
        let mut sizes: Vec<f64> = described.iter().filter_map(|state| state["size"].as_f64()).collect();
        sizes.extend(set.iter().map(|_| 1.0));
        Ok(Case {
            text: fs::read_to_string(folder.join("model.diffsl"))?,
            end: raw["end"].as_f64().context("no `end`")?,
            times: numbers(&raw["times"]),
            doses: doses(&raw, &set)?,
            inputs: parameters
                .iter()
                .map(|own| read.iter().map(|parameter| own[*parameter]).collect())
                .collect(),
            n_states: described.len(),
            judged: described.iter().map(|state| state["drug"] == false).collect(),
            reference: bytes.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value)).collect(),
            sizes,
            states,
        })
    }

    /// max of |y − ref| / (|ref| + 10⁻³ max over time of |ref|) over judged states that are not 0 throughout.
    pub fn error(&self, values: &[f64]) -> f64 {
        let (n_times, n_states) = (self.times.len(), self.n_states);
        let n_patients = values.len().min(self.reference.len()) / (n_times * n_states);
        let mut worst = 0.0f64;
        for patient in 0..n_patients {
            for state in (0..n_states).filter(|state| self.judged[*state]) {
                let at = |table: &[f64], time: usize| table[(patient * n_times + time) * n_states + state];
                let size = (0..n_times).map(|time| at(&self.reference, time).abs()).fold(0.0, f64::max);
                for time in (0..n_times).filter(|_| size > NOTHING) {
                    let known = at(&self.reference, time);
                    worst = worst.max((at(values, time) - known).abs() / (known.abs() + 1e-3 * size));
                }
            }
        }
        worst
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn doses(raw: &Value, set: &[usize]) -> Result<Vec<Dose>> {
    let names = |key: &str| -> Vec<&str> {
        let all = raw[key].as_array().into_iter().flatten();
        all.filter_map(|entry| entry.as_str().or_else(|| entry["name"].as_str())).collect()
    };
    let (states, parameters) = (names("states"), names("parameters"));
    let place = |dose: &Value| match (dose["add_to"].as_str(), dose["set"].as_str()) {
        (Some(name), _) => states.iter().position(|state| *state == name).map(|state| (state, true)),
        (_, Some(name)) => {
            let own = set.iter().position(|parameter| parameters[*parameter] == name);
            own.map(|index| (states.len() + index, false))
        }
        _ => None,
    };
    let read = |dose: &Value| {
        let (state, is_added) = place(dose).with_context(|| format!("unknown place: {dose}"))?;
        let number = |key: &str| dose[key].as_f64().with_context(|| format!("no `{key}`: {dose}"));
        Ok(Dose { time: number("time")?, state, is_added, value: number("value")? })
    };
    raw["doses"].as_array().into_iter().flatten().map(read).collect()
}
