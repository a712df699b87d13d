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
use adapter::{Adapter, AdapterStorage};
use memory::MemoryStorage;
use revised::{Readers, RevisedStorage};

impl Storages for Browser {
    fn session_storage(&self, kind: StorageKind, timeout: u32) -> Rc<dyn Storage> {
        let revised = |storage, readers| -> Rc<dyn Storage> { Rc::new(RevisedStorage::new(storage, readers, timeout)) };
        let adapted = |adapter| -> Rc<dyn Storage> { Rc::new(AdapterStorage::new(adapter, timeout)) };
        let storage = match kind {
            StorageKind::Memory => None,
            StorageKind::Worker => Some(revised(self.memory(), Readers::NewTabs)),
            StorageKind::Session => web::session().map(|storage| revised(storage, Readers::CopiesOfTheTab)),
            StorageKind::Local => web::local().map(|storage| revised(storage, Readers::AllTabs)),
            StorageKind::IndexedDb => indexed_db::open().map(adapted),
            StorageKind::Adapter => self.storage.clone().map(Adapter::from).map(adapted),
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
        Rc::new(MemoryStorage::own())
    }

    fn page_memory(&self) -> Rc<dyn Storage> {
        Rc::new(MemoryStorage::shared())
    }
}
