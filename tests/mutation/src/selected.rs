//! Part of the copy that has the mutants: which of them is on, and which tests come by.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::LazyLock;

static SELECTED: LazyLock<usize> =
    LazyLock::new(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap()));
static LOG: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = std::env::var_os("MUTANTS_REACHED")?;
    OpenOptions::new().append(true).create(true).open(path).ok()
});
thread_local!(static SEEN: RefCell<BTreeSet<usize>> = const { RefCell::new(BTreeSet::new()) });

/// Whether a mutant is on.
pub fn is(number: usize) -> bool {
    if let Some(mut log) = LOG.as_ref()
        && SEEN.try_with(|seen| seen.borrow_mut().insert(number)) == Ok(true)
    {
        let thread = std::thread::current();
        let line = format!("{number}\t{}\n", thread.name().unwrap_or_default());
        log.write_all(line.as_bytes()).unwrap();
    }
    number == *SELECTED
}
