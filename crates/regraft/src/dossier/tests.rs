//! A dossier of the toy trial: what was given is told, what was not is named.

use serde_json::json;

use super::*;
use crate::study::toy::toy;

#[test]
fn what_is_missing_is_named_and_what_is_there_is_told() {
    let (trial, library) = toy(&[]);
    let bare = dossier(&trial, &library, &Artefacts::default());
    for part in
        ["Question of interest", "Model risk", "Verification", "Validation", "Uncertainty", "Applicability"]
    {
        assert!(bare.contains(part), "{part}");
    }
    let missing = |text: &str| text.matches("**Missing:**").count();
    assert!(missing(&bare) >= 5 && bare.contains("`--scorecard scorecard.json`"), "{bare}");
    let from = Artefacts {
        scorecard: Some(json!({ "summary": {
            "coverage": [{ "of": "all", "trials": 3, "rows": 10, "inside": 8, "by_trial": 0.75, "by_row": 0.8, "median_width_ratio": 1.4 }],
            "by_disease": [{ "of": "validate: toy", "trials": 1, "rows": 2, "inside": 1, "by_trial": 0.5, "by_row": 0.5 }],
            "between": [{ "of": "all", "differences": 4, "sign_right": 3, "trials": 2, "brier": 0.1 }],
        } })),
        calibration: Some(json!({ "identified": { "parameters": [] } })),
        tests: Some(json!({ "rust_passed": 900, "python_passed": 90, "failed": 0, "version": "0.1.0" })),
        influence: Some(Degree::Medium),
        consequence: Some(Degree::High),
    };
    let full = dossier(&trial, &library, &from);
    assert!(full.contains("| validate: toy | 1 | 1 of 2 (50 %) | 50 % | – |"), "{full}");
    assert!(full.contains("900 in Rust and 90 in Python passed") && full.contains("Risk: **high**"));
    assert!(missing(&full) < missing(&bare));
    assert!(
        full.contains("rows kept for validation in the scorecard"),
        "a card of fitted rows alone is told: {full}"
    );
}
