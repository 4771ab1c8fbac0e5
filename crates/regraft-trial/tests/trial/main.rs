//! Cards, trials and plans from the outside: named cases of wrong input, a trial read wholly,
//! and the repository's own library.

mod base;
mod library;
mod plan;
mod suite;
