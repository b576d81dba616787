//! A module as an OCI image layout.
//!
//! The *compat* variant of the Wasm image specification: one layer, a gzipped tar with `plugin.wasm`. Istio (`pkg/wasm/imagefetcher.go`) and
//! Envoy Gateway (`internal/wasm/imagefetcher.go`) try it first of what they read; the other one, with a media type of its own for
//! modules, wants a second layer and a registry that takes such types.

use std::fs;
use std::io;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use super::sha256;
use crate::TaskResult;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The only name that resolvers look for.
const FILE: &str = "plugin.wasm";

/// An image with one module.
pub(super) struct Image {
    blobs: [Blob; 3],
    index: Value,
}

struct Blob {
    bytes: Vec<u8>,
    digest: String,
}

impl Image {
    /// The module's image, named and tagged.
    pub(super) fn of(module: &[u8], name: &str, version: &str) -> io::Result<Self> {
        let tar = archive(module)?;
        let config = json!({
            "architecture": "wasm",
            "os": "wasi",
            "config": {},
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&tar))] },
        });
        let (config, layer) = (Blob::json(&config), Blob::new(compressed(&tar)?));
        let manifest = Blob::json(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(CONFIG),
            "layers": [layer.descriptor(LAYER)],
            "annotations": {
                "module.wasm.image/variant": "compat",
                "org.opencontainers.image.licenses": "Apache-2.0",
                "org.opencontainers.image.title": name,
                "org.opencontainers.image.version": version,
            },
        }));
        let mut descriptor = manifest.descriptor(MANIFEST);
        if let Some(members) = descriptor.as_object_mut() {
            members.insert("annotations".to_owned(), json!({ "org.opencontainers.image.ref.name": version }));
        }
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor] });
        Ok(Self { blobs: [manifest, config, layer], index })
    }

    /// What names the image in a registry: the digest of its manifest.
    pub(super) fn digest(&self) -> String {
        let [manifest, ..] = &self.blobs;
        format!("sha256:{}", manifest.digest)
    }

    /// Writes the layout into `folder`.
    pub(super) fn write(&self, folder: &Path) -> TaskResult {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs)?;
        for blob in &self.blobs {
            fs::write(blobs.join(&blob.digest), &blob.bytes)?;
        }
        fs::write(folder.join("index.json"), self.index.to_string())?;
        fs::write(folder.join("oci-layout"), json!({ "imageLayoutVersion": "1.0.0" }).to_string())?;
        Ok(())
    }
}

impl Blob {
    fn new(bytes: Vec<u8>) -> Self {
        let digest = sha256(&bytes);
        Self { bytes, digest }
    }

    fn json(value: &Value) -> Self {
        Self::new(value.to_string().into_bytes())
    }

    fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "digest": format!("sha256:{}", self.digest), "size": self.bytes.len() })
    }
}

/// A tar with the module alone: of nobody, and of the beginning of time.
fn archive(module: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_size(u64::try_from(module.len()).map_err(io::Error::other)?);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_data(&mut header, FILE, module)?;
    tar.into_inner()
}

fn compressed(tar: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    io::Write::write_all(&mut gzip, tar)?;
    gzip.finish()
}
