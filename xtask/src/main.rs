//! Builds, tests and shows scopewise.
fn main() {}
