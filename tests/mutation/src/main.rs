//! Mutation tests of the core and the client: one build with all mutants in it, of which one at a time is on.
//! README.md says more.

mod copy;
mod mutants;
mod tests;
mod values;

use std::path::Path;

use copy::Copy;
use tests::Run;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let work = root.join("target/mutation");
    std::fs::create_dir_all(&work).unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let minutes = arguments.iter().find_map(|argument| argument.parse().ok());
    let again = arguments.iter().any(|argument| argument == "survivors");
    let (mutants, programs) = Copy {
        root,
        work: work.clone(),
    }
    .build();
    let mut run = Run::new(work, programs, mutants, again);
    run.survivors();
    run.all(minutes);
    run.report();
}
