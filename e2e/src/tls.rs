//! Certificates with SPIFFE ids, and TLS with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::bootstrap::type_url;
use crate::error::io;
use crate::{Error, Result};

/// An authority, and the certificates that it has issued, as files of a directory that goes with it.
#[derive(Debug)]
pub struct Authority {
    directory: PathBuf,
}

/// Whether there is an `openssl` to make certificates with.
#[must_use]
pub fn openssl_is_installed() -> bool {
    Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success())
}

impl Authority {
    /// A new one. `name` tells those of one process apart.
    ///
    /// # Errors
    /// When `openssl` fails.
    pub fn new(name: &str) -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("portcullis-tls-{}-{name}", std::process::id()));
        fs::create_dir_all(&directory).map_err(io("create a directory for certificates"))?;
        let authority = Self { directory };
        let subject = format!("/CN={name}");
        authority.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &subject,
            "-keyout",
            "ca.key",
            "-out",
            "ca.crt",
        ])?;
        Ok(authority)
    }

    /// Issues a certificate whose URI SAN is `id`.
    ///
    /// # Errors
    /// When `openssl` fails.
    pub fn issue(&self, name: &str, id: &str) -> Result<()> {
        let (key, request, certificate, extensions) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{name}.crt"), format!("{name}.ext"));
        fs::write(self.directory.join(&extensions), format!("subjectAltName=URI:{id}\n")).map_err(io("write extensions"))?;
        let subject = format!("/CN={name}");
        self.openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            &subject,
            "-keyout",
            &key,
            "-out",
            &request,
        ])?;
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            &extensions,
            "-out",
            &certificate,
        ])
    }

    /// A listener's TLS with the certificate of this name, which demands one of the client, of any authority if `any` says so.
    #[must_use]
    pub fn server(&self, name: &str, any: bool) -> Value {
        let verification = if any { "ACCEPT_UNTRUSTED" } else { "VERIFY_TRUST_CHAIN" };
        let context = json!({
            "@type": type_url("transport_sockets.tls.v3.DownstreamTlsContext"),
            "require_client_certificate": true,
            "common_tls_context": self.common(name, json!({ "trusted_ca": self.file("ca.crt"), "trust_chain_verification": verification })),
        });
        json!({ "name": "tls", "typed_config": context })
    }

    /// A cluster's TLS with the certificate of this name; the server's must be of `server`.
    #[must_use]
    pub fn client(&self, name: &str, server: &Self) -> Value {
        let context = json!({
            "@type": type_url("transport_sockets.tls.v3.UpstreamTlsContext"),
            "common_tls_context": self.common(name, json!({ "trusted_ca": server.file("ca.crt") })),
        });
        json!({ "name": "tls", "typed_config": context })
    }

    fn common(&self, name: &str, validation: Value) -> Value {
        let (chain, key) = (self.file(&format!("{name}.crt")), self.file(&format!("{name}.key")));
        json!({
            "tls_certificates": [{ "certificate_chain": chain, "private_key": key }],
            "validation_context": validation,
        })
    }

    fn file(&self, name: &str) -> Value {
        json!({ "filename": self.directory.join(name) })
    }

    fn openssl(&self, arguments: &[&str]) -> Result<()> {
        let output = Command::new("openssl").current_dir(Path::new(&self.directory)).args(arguments).output();
        let output = output.map_err(io("run openssl"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(Error::Unexpected(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}
