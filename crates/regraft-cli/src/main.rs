//! The command `regraft`.
fn main() {}
