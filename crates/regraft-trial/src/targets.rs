//! What a drug may act on: the cell populations that the model kills by name, the body functions, and
//! the traits by which one patient differs from another in all drugs of a kind.

use crate::codes;
use crate::name::Name;
use crate::reader::{Page, with_nearest};
use regraft_model::Diagnostic;

/// A cell population with a kill rate of its own: name, and words for a comment.
///
/// The core joins `drugs.kill_NAME` of each to the module that holds the cells.
pub const POPULATIONS: [(&str, &str); 28] = [
    ("quiescent_stem_cells", "stem cells at rest"),
    ("cycling_stem_cells", "stem cells in cycle"),
    ("progenitors", "marrow progenitors"),
    ("neutrophil_precursors", "dividing neutrophil precursors"),
    ("megakaryocytes_young", "young megakaryocytes"),
    ("megakaryocytes_mature", "mature megakaryocytes"),
    ("erythroid_precursors", "erythroid precursors"),
    ("lymphoid_progenitors", "lymphoid progenitors"),
    ("thymic_stroma", "stroma of the thymus"),
    ("naive_t", "naive T cells"),
    ("memory_cd4", "memory CD4 T cells"),
    ("memory_cd8", "memory CD8 T cells"),
    ("treg", "regulatory T cells"),
    ("b_precursors", "B-cell precursors"),
    ("naive_b", "naive B cells"),
    ("memory_b", "memory B cells"),
    ("plasmablasts", "plasmablasts"),
    ("plasma_cells", "long-lived plasma cells"),
    ("nk_cells", "NK cells"),
    ("clone_naive", "naive autoreactive T cells"),
    ("clone_effectors", "autoreactive effectors"),
    ("clone_memory", "circulating autoreactive memory"),
    ("clone_resident_memory", "autoreactive memory resident in the tissue"),
    ("clone_regulation", "antigen-specific regulation"),
    ("clone_b", "autoreactive B cells"),
    ("clone_plasmablasts", "autoreactive plasmablasts"),
    ("clone_plasma_cells", "long-lived autoreactive plasma cells"),
    ("alloreactive", "alloreactive T cells of the graft"),
];

/// Injury of other organs: like a population, but its rate is `organ_toxicity`.
pub const ORGAN: &str = "organ";

/// Body functions that a drug changes without killing, with words for a comment.
pub const FUNCTIONS: [(&str, &str); 3] = [
    ("steroid", "corticosteroid effect"),
    ("block", "block of T-cell priming"),
    ("g_csf", "given G-CSF reaching the blood"),
];

/// By what one patient differs from another in all drugs of a kind, with words for a comment.
pub const PATIENT_FACTORS: [(&str, &str); 4] = [
    ("cytotoxic_sensitivity", "sK: the patient's sensitivity to cytotoxics, relative"),
    ("antibody_sensitivity", "sA: the patient's sensitivity to anti-thymocyte globulin, relative"),
    ("penetration_factor", "pen_f: the patient's penetration of drugs into the sanctuary, relative"),
    (
        "memory_drug_sensitivity",
        "sAM: sensitivity of the patient's autoreactive memory to cytotoxics, relative",
    ),
];

/// Words for a population or `organ`; `None` if it is neither.
pub fn population_words(name: &str) -> Option<&'static str> {
    let organ = (ORGAN, "other organs");
    POPULATIONS.iter().chain([&organ]).find(|(known, _)| *known == name).map(|(_, words)| *words)
}

/// Name of a population's rate in the drugs module.
pub fn rate_name(population: &str) -> String {
    if population == ORGAN { "organ_toxicity".to_string() } else { format!("kill_{population}") }
}

/// The problem that a name is nothing that a drug may act on, with the nearest of what is known: the populations, `organ`
/// and `more`.
pub(crate) fn unknown_target<'a>(
    name: &Name,
    message: String,
    more: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let problem = Diagnostic::error(codes::UNKNOWN_POPULATION_OF_CELLS, name.span, message);
    let known = POPULATIONS.iter().map(|(name, _)| *name).chain([ORGAN]);
    with_nearest(problem, &name.text, known.chain(more))
}

/// Names of the body functions.
pub(crate) fn functions<'a>() -> impl Iterator<Item = &'a str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// Reports a name that is no population.
pub(crate) fn check_population(page: &Page, name: &Name) {
    if population_words(&name.text).is_none() {
        page.report(unknown_target(name, format!("there is no population `{}`", name.text), []));
    }
}

/// Reports a name that is no factor of the patient.
pub(crate) fn check_patient_factor(page: &Page, name: &Name) {
    if PATIENT_FACTORS.iter().all(|(known, _)| *known != name.text) {
        let message = format!("there is no factor of the patient `{}`", name.text);
        let problem = Diagnostic::error(codes::UNKNOWN_WORD, name.span, message);
        page.report(with_nearest(problem, &name.text, PATIENT_FACTORS.iter().map(|(name, _)| *name)));
    }
}
