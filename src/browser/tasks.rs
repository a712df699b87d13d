//! Work that nobody waits for.

use super::Browser;
use crate::host::{Pending, Tasks};

impl Tasks for Browser {
    fn spawn(&self, task: Pending<'static, ()>) {
        wasm_bindgen_futures::spawn_local(task);
    }
}
