//! Part of the copy that has the mutants: which of them is on, and which tests come by.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::LazyLock;

static SELECTED: LazyLock<usize> =
    LazyLock::new(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap()));
static LOG: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = std::env::var_os("MUTANTS_REACHED")?;
    OpenOptions::new().append(true).create(true).open(path).ok()
});
thread_local!(static SEEN: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) });

fn is_first(seen: &mut Vec<bool>, number: usize) -> bool {
    if seen.len() <= number {
        seen.resize(number + 1, false);
    }
    !std::mem::replace(&mut seen[number], true)
}

/// Whether a mutant is on.
pub fn is(number: usize) -> bool {
    if let Some(mut log) = LOG.as_ref()
        && SEEN.try_with(|seen| is_first(&mut seen.borrow_mut(), number)) == Ok(true)
    {
        let thread = std::thread::current();
        let line = format!("{number}\t{}\n", thread.name().unwrap_or_default());
        log.write_all(line.as_bytes()).unwrap();
    }
    number == *SELECTED
}
