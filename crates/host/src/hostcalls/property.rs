//! Attributes and filter state.

use crate::model::{Status, Worker};

impl Worker {
    /// `proxy_get_property`; `path` is separated by NUL.
    pub(crate) fn get_property(&mut self, path: &[u8]) -> Result<Vec<u8>, Status> {
        self.admit("proxy_get_property")?;
        let parts: Vec<&[u8]> = path.split(|byte| *byte == 0).collect();
        let plugin = match path {
            b"plugin_name" | b"plugin_root_id" => Some(Vec::new()),
            b"plugin_vm_id" => Some(self.shared.options.vm_id.clone().into_bytes()),
            _ => None,
        };
        let now = self.shared.clock.get().now();
        let found = self.current().and_then(|stream| stream.property(&parts, now));
        found.or(plugin).ok_or(Status::NotFound)
    }

    /// `proxy_set_property`: filter state. A path of several parts is one name, which nobody can read.
    pub(crate) fn set_property(&mut self, path: &[u8], value: &[u8]) -> Result<(), Status> {
        self.admit("proxy_set_property")?;
        let stream = self.current_mut().ok_or(Status::NotFound)?;
        stream.filter_state.insert(path.to_vec(), value.to_vec());
        Ok(())
    }
}
