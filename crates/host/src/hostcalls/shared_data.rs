//! Shared data.

use crate::model::{Status, Worker};

impl Worker {
    /// `proxy_get_shared_data`
    pub(crate) fn get_shared_data(&mut self, key: &[u8]) -> Result<(Vec<u8>, u32), Status> {
        self.admit("proxy_get_shared_data")?;
        let mut data = self.shared.data.borrow_mut();
        let found = data.get(key).map(|(value, cas)| (value.to_vec(), cas)).ok_or(Status::NotFound);
        if let Some(race) = self.shared.race.borrow_mut().as_mut() {
            race(&String::from_utf8_lossy(key), &mut data);
        }
        drop(data);
        let interleave = self.shared.interleave.borrow().clone();
        if let Some(interleave) = interleave {
            interleave();
        }
        found
    }

    /// `proxy_set_shared_data`
    pub(crate) fn set_shared_data(&mut self, key: &[u8], value: &[u8], cas: u32) -> Result<(), Status> {
        self.admit("proxy_set_shared_data")?;
        self.shared.data.borrow_mut().set(key, value, cas)
    }
}
