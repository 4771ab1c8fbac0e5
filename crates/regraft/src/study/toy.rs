//! A small trial in a library folder of its own, for tests: what happens in it can be worked out by hand.
//!
//! Hits come at 0.002 per day, deaths at 0.0004 per day. The graft puts up a shield that lets half of the hits
//! through, in those whose cells passed the release test (half of them).

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Prepared, RunOptions, prepare};
use crate::library::Library;

/// Hits per day without shield.
pub const HIT_RATE: f64 = 0.002;

const MODEL: &str = "
model toy()
  unit time_unit = 86400 second;

  frailty = 0.5;
  pace = 1;
  flaw = 0;
  cells = 3;
  collected = 0;
  shield = 0;
  shield_factor = 0.5;
  crossed = 0;
  events_on = 1;
  hit_rate = 0.002;
  death_rate = 0.0004;
  entered = 0;

  burden = 1;
  burden' = 0.05*pace*(2 - burden) + flaw/(1 - flaw);
  lesions = 0;
  lesions' = 0.01*burden;

  hit_cumulative = 0;
  hit_cumulative' = events_on*hit_rate*(1 - shield*(1 - shield_factor));
  death_cumulative = 0;
  death_cumulative' = events_on*death_rate;
  hit_threshold = exponential(1);
  death_threshold = exponential(1);
  hits = 0;
  dead = 0;
  disability := 1 + hits;

  hit: at (hit_cumulative > hit_threshold):
    hit_threshold = hit_cumulative + exponential(1), hits = hits + 1;
  death: at (death_cumulative > death_threshold): death_threshold = 1e9, dead = 1;
end
";

const DISEASE: &str = r#"
id = "toy"
title = "Toy disease"
model = "models/toy.ant"
summary = "A disease for tests."
terminal_event = "death"

[parameters]
hit_rate = { value = 0.002, unit = "", source = "assumed", why = "a test" }
shield_factor = { value = 0.5, unit = "", source = "assumed", why = "a test" }

[burn_in]
days = 200
set = { events_on = 0, pace = { value = 3, unit = "", source = "assumed", why = "a test" } }

[[score]]
name = "scale"
title = "Scale"
observable = "disability"
step = 0.5
low = 0
high = 10
noise_sd = { value = 0.1, unit = "", source = "assumed", why = "a test" }

[[count]]
name = "new_lesions"
title = "New lesions"
cumulative = "lesions"

[[lab]]
name = "burden"
title = "Burden"
observable = "burden"
unit = ""
cv = { value = 0.1, unit = "", source = "assumed", why = "a test" }
"#;

const POPULATION: &str = r#"
id = "people"
title = "People"
disease = "toy"
max_screened_per_patient = 20

[[trait]]
name = "frailty"
sets = "frailty"
unit = ""
distribution = { kind = "uniform", low = 0, high = 1 }
source = "assumed"
why = "a test"

[[trait]]
name = "pace"
sets = "pace"
unit = ""
distribution = { kind = "lognormal", median = 1, cv = 0.3 }
source = "assumed"
why = "a test"

[[trait]]
name = "flaw"
sets = "flaw"
unit = ""
distribution = { kind = "bernoulli", probability = 0.02 }
source = "assumed"
why = "a test: the model has no solution where it is 1"

[run_in]
days = 100
set = { crossed = 1 }

[entry]
set = { entered = 1 }

[[eligible]]
name = "not frail"
when = "frailty < 0.8"
source = "assumed"
why = "a test"

[[eligible]]
name = "fewer than two hits"
when = "hits < 2"
source = "assumed"
why = "a test"
"#;

const PRODUCT: &str = r#"
id = "own_cells"
title = "Own cells"
kind = "hsc"
source_tissue = "blood"
donor = "autologous"

[[trait]]
name = "cells"
sets = "cells"
unit = ""
distribution = { kind = "uniform", low = 0, high = 4 }
source = "assumed"
why = "a test"

[[release]]
name = "at least 2"
when = "cells >= 2"
source = "assumed"
why = "a test"
"#;

const GRAFT: &str = r#"
id = "graft"
title = "Graft"
therapy = "graft"
day_zero = "graft"

[[step]]
kind = "collect"
days = [-5]
set = { collected = 1 }

[[step]]
kind = "infuse"
days = [0]
set = { shield = 1 }
label = "Give the cells back"
"#;

const CONTROL: &str = r#"
id = "control"
title = "Control"
therapy = "control"
day_zero = "start"

[[step]]
kind = "follow_up"
days = [0]
label = "Visits"

[[rule]]
id = "cross_over"
title = "Hit: leaves the comparison"
on_event = "hit"
from_day = 0
set = { crossed = 1 }
marks = "cross_over"
max_times = 1
source = "assumed"
why = "a test"
"#;

/// An endpoint card of times to event.
fn endpoint(id: &str, head: &str, events: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"{id}\"\ndefinition = \"a test\"\nsource = \"assumed\"\nwhy = \"a test\"\ndirection = \"harm\"\n{head}\n{events}"
    )
}

const HIT: &str = "[[event]]\ntype = \"model_event\"\nevent = \"hit\"\n";
const DEATH: &str = "[[event]]\ntype = \"death\"\n";

const TRIAL: &str = r#"
id = "toy_trial"
title = "Toy trial"
question = "Does the graft shield?"
disease = "toy"
population = "people"
horizon_days = 730.5
time_zero = "randomisation"
analysis_set = "intention_to_treat"

[[arm]]
id = "graft"
title = "Graft"
role = "studied"
regimen = "graft"
product = "own_cells"
day_zero_at = 10
n_published = 50

[[arm]]
id = "control"
title = "Control"
role = "comparator"
regimen = "control"
day_zero_at = 0
n_published = 50

[visits]
score_days = [182.625, 365.25, 730.5]
imaging_days = [365.25, 730.5]
labs = [ { from_day = 0, to_day = 20, every_days = 5 } ]

[[analysis]]
endpoint = "hit"
method = "kaplan_meier"
at_days = [182.625, 365.25, 700]
role = "primary"

[[analysis]]
endpoint = "hit"
method = "hazard_ratio"
arms = ["graft"]
versus = "control"
role = "primary"

[[analysis]]
endpoint = "hit_competing"
method = "cumulative_incidence"
at_days = [365.25]
role = "benefit"

[[analysis]]
endpoint = "hit_since_graft"
method = "kaplan_meier"
arms = ["graft"]
at_days = [365.25]
role = "benefit"

[[analysis]]
endpoint = "death_before_crossing"
method = "cumulative_incidence"
at_days = [365.25]
role = "harm"

[[analysis]]
endpoint = "hits_per_year"
method = "annual_rate"
role = "harm"

[[analysis]]
endpoint = "no_shield"
method = "proportion"
at_days = [30]
role = "harm"

[[analysis]]
endpoint = "scale"
method = "mean"
at_days = [0, 365.25]
role = "benefit"
"#;

/// The trial's arm without the graft, cut out for a trial with one arm.
const CONTROL_ARM: &str = "[[arm]]
id = \"control\"
title = \"Control\"
role = \"comparator\"
regimen = \"control\"
day_zero_at = 0
n_published = 50
";

/// A library folder that is removed when dropped.
pub struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // The folder lies among temporary files: what cannot be removed does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The cards and the model, by path.
fn texts() -> Vec<(&'static str, String)> {
    let rate = endpoint("hits_per_year", "kind = \"annual_rate\"\nunit = \"1/year\"", HIT);
    let crossing = format!("{DEATH}[[censor]]\ntype = \"decision\"\nmarks = \"cross_over\"\n");
    let competing = format!("{HIT}[[competing]]\ntype = \"death\"\n");
    let no_shield = "[[event]]\ntype = \"no_graft\"\n";
    let scale = "kind = \"mean\"\nscore = \"scale\"\nunit = \"points\"";
    vec![
        ("models/toy.ant", MODEL.into()),
        ("diseases/toy.toml", DISEASE.into()),
        ("populations/people.toml", POPULATION.into()),
        ("products/own_cells.toml", PRODUCT.into()),
        ("regimens/graft.toml", GRAFT.into()),
        ("regimens/control.toml", CONTROL.into()),
        ("trials/toy_trial.toml", TRIAL.into()),
        ("endpoints/hit.toml", endpoint("hit", "kind = \"time_to_event\"", HIT)),
        ("endpoints/hit_competing.toml", endpoint("hit_competing", "kind = \"time_to_event\"", &competing)),
        (
            "endpoints/hit_since_graft.toml",
            endpoint("hit_since_graft", "kind = \"time_to_event\"\nclock = \"day_zero\"", HIT),
        ),
        (
            "endpoints/death_before_crossing.toml",
            endpoint("death_before_crossing", "kind = \"time_to_event\"", &crossing),
        ),
        ("endpoints/hits_per_year.toml", rate),
        ("endpoints/no_shield.toml", endpoint("no_shield", "kind = \"proportion\"", no_shield)),
        ("endpoints/scale.toml", endpoint("scale", scale, "")),
    ]
}

static FOLDERS: AtomicUsize = AtomicUsize::new(0);

/// Writes the library with some words replaced: `(path, from, to)`.
pub fn folder(edits: &[(&str, &str, &str)]) -> Folder {
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let root = std::env::temp_dir().join(format!("regraft-toy-{}-{number}", std::process::id()));
    for (path, mut text) in texts() {
        for (_, from, to) in edits.iter().filter(|(of, ..)| *of == path) {
            assert!(text.contains(from), "`{from}` is not in {path}");
            text = text.replace(from, to);
        }
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).unwrap();
        fs::write(path, text).unwrap();
    }
    Folder(root)
}

/// The trial ready to run, with some words replaced.
pub fn toy(edits: &[(&str, &str, &str)]) -> (Prepared, Library) {
    let folder = folder(edits);
    let mut library = Library::open(std::slice::from_ref(&folder.0)).unwrap();
    let (prepared, problems) = prepare(&mut library, "toy_trial").unwrap();
    let own: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    let shown = |problem: &&regraft_model::Diagnostic| {
        format!(
            "{:?} {}",
            problem.labels.first().map(|label| library.sources.line_column(label.span)),
            problem.message
        )
    };
    let own: Vec<String> = own.iter().map(shown).collect();
    (prepared.unwrap_or_else(|| panic!("{own:#?}")), library)
}

/// The edit that leaves one arm.
pub fn one_arm() -> [(&'static str, &'static str, &'static str); 2] {
    [
        ("trials/toy_trial.toml", CONTROL_ARM, ""),
        (
            "trials/toy_trial.toml",
            "[[analysis]]\nendpoint = \"hit\"\nmethod = \"hazard_ratio\"\narms = [\"graft\"]\nversus = \"control\"\nrole = \"primary\"\n",
            "",
        ),
    ]
}

/// Everybody's cells pass the release test.
pub const ALL_RELEASED: (&str, &str, &str) = (
    "products/own_cells.toml",
    "kind = \"uniform\", low = 0, high = 4",
    "kind = \"uniform\", low = 3, high = 4",
);

/// The shield does nothing.
pub const USELESS: (&str, &str, &str) =
    ("diseases/toy.toml", "shield_factor = { value = 0.5", "shield_factor = { value = 1.0");

/// Options of a run on one thread.
pub fn options(patients: usize) -> RunOptions {
    RunOptions { command: "a test".into(), ..RunOptions::new(patients, 11, Some(1)) }
}
