//! What the help of each command ends with: commands that run as they stand.

pub const RUN: &str = "\
Examples:
  regraft run mist --patients 200
  regraft run halt_ms --patients 200 --seed 7
  regraft run mist --patients 200 --doubt 0 --out runs/quick
  regraft run my_trial.toml --library my_library";

pub const TWIN: &str = "\
Examples:
  regraft twin multiple_sclerosis_relapsing --facts
  regraft twin multiple_sclerosis_relapsing --set age=34 --set edss=4.5 \\
      --regimen ahsct_beam_atg --regimen natalizumab_first_drug
  regraft twin multiple_sclerosis_relapsing --set age=34 --set sex=female \\
      --regimen ahsct_cy200_atg --regimen dmt_mist --plain";

pub const BENEFIT: &str = "\
Examples:
  regraft benefit mist
  regraft benefit mist --patients 4000 --where \"age < 45 and edss < 5\"
  regraft benefit mist --endpoint edss_change --harm infection --harm-weight 0.5";

pub const DESIGN: &str = "\
Examples:
  regraft design mist --n-per-arm 55
  regraft design mist --power 0.9
  regraft design mist --n-per-arm 55 --null
  regraft design mist --n-per-arm 55 --posterior ensemble";

pub const VALIDATE: &str = "\
Examples:
  regraft validate reconstitution
  regraft validate --use calibrate --patients 300
  regraft validate --evidence my_pack --out validation/mine";

pub const SEARCH: &str = "\
Examples:
  regraft search mist
  regraft search mist --objective relapse --objective infections
  regraft search mist --posterior ensemble --judge worst";

pub const LEARN: &str = "\
Examples:
  regraft learn conditioning_intensity_ms
  regraft learn mist --utility quality_adjusted_years --at 1826";

pub const CLAIMS: &str = "\
Examples:
  regraft claims
  regraft claims --patients 1000 --seed 2";

pub const CALIBRATE: &str = "\
Examples:
  regraft calibrate --members 512 --stages 2
  regraft calibrate define --members 48 --patients 96 --stages 1 --out calibration/define";

pub const DOSSIER: &str = "\
Examples:
  regraft dossier mist
  regraft dossier mist --influence medium --consequence low \\
      --calibration calibration/calibration.json";

pub const LIBRARY: &str = "\
Examples:
  regraft library list
  regraft library list trials
  regraft library show ahsct_cy200_atg
  regraft library diff ahsct_cy200_atg ahsct_beam_atg
  regraft library sources";

pub const CHECK: &str = "\
Examples:
  regraft check my_trial.toml
  regraft check library/drugs/*.toml library/models/immune_core.ant";

pub const MODEL: &str = "\
Examples:
  regraft model check my_model.ant
  regraft model simulate my_model.ant --to 365 --every 1 --summary summary.csv
  regraft model export mist --out mist_model
  regraft model explore multiple_sclerosis_relapsing --over treg_fitness --from 0.3 --to 0.95";

pub const SIMULATE: &str = "\
Examples:
  regraft model simulate my_model.ant --to 365 --every 1 --out -
  regraft model simulate my_model.ant --to 365 --every 1 \\
      --parameters patients.csv --doses doses.csv --out values.parquet";

pub const EXPLORE: &str = "\
Examples:
  regraft model explore multiple_sclerosis_relapsing --over treg_fitness --from 0.3 --to 0.95
  regraft model explore multiple_sclerosis_relapsing --over treg_fitness --from 0.3 --to 0.95 \\
      --regimen ahsct_beam_atg --out runs/explore
  regraft model explore --model my_model.ant --over rate --from 0 --to 2 --state cells";

pub const SENSITIVITY: &str = "\
Examples:
  regraft model sensitivity mist --endpoint autoreactive_memory --at 1826 \\
      --parameters treg_fitness,atg_sensitivity --samples 16
  regraft model sensitivity my_model.ant --endpoint cells --at 100 --parameters rate=0.1:2";
