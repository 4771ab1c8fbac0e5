//! The model language: Antimony text to a typed model to a flat program.
