//! Progress: what is being done, out of how much, and how long it took.

use anyhow::Result;
use std::time::Instant;

pub(crate) struct Steps {
    done: usize,
    total: usize,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { done: 0, total }
    }

    /// Announces a step, does it, and says how long it took.
    pub(crate) fn step<T>(&mut self, what: &str, action: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        println!("[{}/{}] {what}", self.done, self.total);
        let start = Instant::now();
        let result = action();
        let outcome = if result.is_ok() { "done" } else { "failed" };
        println!("      {outcome} in {:.1} s", start.elapsed().as_secs_f64());
        result
    }
}
