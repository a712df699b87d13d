//! Places to keep text: Web Storage, this page's memory, IndexedDB, or the application's own.

mod adapter;
mod indexed_db;
mod memory;
mod revised;
mod revision;
mod web;

use std::rc::Rc;

use super::Browser;
use crate::host::{Storage, StorageKind, Storages};
use adapter::AdapterStorage;
use memory::MemoryStorage;
use revised::{Readers, RevisedStorage};

impl Storages for Browser {
    fn session_storage(&self, kind: StorageKind, timeout: u32) -> Rc<dyn Storage> {
        let shared = |storage: Rc<dyn Storage>, readers| -> Rc<dyn Storage> {
            Rc::new(RevisedStorage::new(storage, readers, timeout))
        };
        let slow = |adapter: Option<adapter::Adapter>| -> Option<Rc<dyn Storage>> {
            Some(Rc::new(AdapterStorage::new(adapter?, timeout)))
        };
        let storage = match kind {
            StorageKind::Memory => None,
            StorageKind::Worker => Some(shared(Rc::new(MemoryStorage), Readers::NewTabs)),
            StorageKind::Session => web::session().map(|storage| shared(storage, Readers::CopiesOfTheTab)),
            StorageKind::Local => web::local().map(|storage| shared(storage, Readers::AllTabs)),
            StorageKind::IndexedDb => slow(indexed_db::open()),
            StorageKind::Adapter => slow(self.storage.clone().map(adapter::Adapter::from)),
        };
        storage.unwrap_or_else(|| self.memory())
    }

    fn transaction_storage(&self, kind: StorageKind) -> Rc<dyn Storage> {
        match kind {
            StorageKind::Local => self.shared_storage(),
            _ => web::session().unwrap_or_else(|| self.memory()),
        }
    }

    fn shared_storage(&self) -> Rc<dyn Storage> {
        web::local().unwrap_or_else(|| self.memory())
    }

    fn memory(&self) -> Rc<dyn Storage> {
        Rc::new(MemoryStorage)
    }
}
