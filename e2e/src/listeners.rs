//! Listeners that an Envoy takes from a file, and takes again when the file is another one (LDS).

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::envoy::workspace;
use crate::error::io;
use crate::{Envoy, EnvoySpec, Result};

/// The file; removed when dropped.
#[derive(Debug)]
pub struct Listeners(PathBuf);

impl Listeners {
    /// Starts an Envoy whose listeners can be replaced while it runs.
    ///
    /// # Errors
    /// When the file cannot be written, and as `Envoy::start`.
    pub fn start(spec: &EnvoySpec) -> Result<(Self, Envoy)> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let folder = workspace().join("target/tmp");
        fs::create_dir_all(&folder).map_err(io("create a folder for listeners"))?;
        let name = format!("listeners-{}-{}.json", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let listeners = Self(folder.join(name));
        listeners.serve(spec)?;
        let envoy = Envoy::start_document(&listeners.bootstrap(spec), spec)?;
        Ok((listeners, envoy))
    }

    /// Replaces them by those of `spec`, which counts for nothing else; Envoy sees a file that is moved into its place.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn serve(&self, spec: &EnvoySpec) -> Result<()> {
        let mut listeners = spec.bootstrap().pointer("/static_resources/listeners").cloned().unwrap_or_default();
        for listener in listeners.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            listener.insert("@type".to_owned(), json!("type.googleapis.com/envoy.config.listener.v3.Listener"));
        }
        let next = self.0.with_extension("next");
        fs::write(&next, json!({ "resources": listeners }).to_string()).map_err(io("write listeners"))?;
        fs::rename(next, &self.0).map_err(io("replace listeners"))
    }

    fn bootstrap(&self, spec: &EnvoySpec) -> Value {
        let mut bootstrap = spec.bootstrap();
        if let Some(resources) = bootstrap.pointer_mut("/static_resources").and_then(Value::as_object_mut) {
            resources.remove("listeners");
        }
        if let Some(document) = bootstrap.as_object_mut() {
            let source = json!({ "path_config_source": { "path": self.0 } });
            document.insert("dynamic_resources".to_owned(), json!({ "lds_config": source }));
            document.insert("node".to_owned(), json!({ "id": "e2e", "cluster": "e2e" }));
        }
        bootstrap
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
