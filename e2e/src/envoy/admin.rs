//! What Envoy tells about itself: ports, statistics, failed VMs.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;

use super::Envoy;
use crate::client::send;
use crate::{Error, Request, Result};

impl Envoy {
    /// The body of a page of the admin interface.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub fn admin_get(&self, path: &str) -> Result<String> {
        get(self.admin, path)
    }

    /// All counters and gauges by their full names; histograms and text are left out.
    ///
    /// # Errors
    /// When the admin interface does not answer.
    pub fn stats(&self) -> Result<BTreeMap<String, i64>> {
        let page = self.admin_get("/stats")?;
        Ok(page.lines().filter_map(stat).collect())
    }

    /// What shows that a VM has failed since the start: statistics, and lines of the log.
    ///
    /// With FAIL_OPEN and FAIL_CLOSED the log is the only place that shows it.
    ///
    /// # Errors
    /// When Envoy does not tell.
    pub fn wasm_failures(&self) -> Result<Vec<String>> {
        let log = self.log_text()?;
        let logged = log.lines().filter(|line| is_failure(line)).map(str::to_owned);
        let counted = self.stats()?.into_iter().filter(|(name, value)| name.contains(".vm_reload") && *value > 0);
        Ok(logged.chain(counted.map(|(name, value)| format!("{name}: {value}"))).collect())
    }

    /// The messages that plugins have logged after the first `offset` bytes of the log, oldest first, without Envoy's prefix.
    ///
    /// # Errors
    /// When the log is gone.
    pub fn plugin_messages(&self, offset: u64) -> Result<Vec<String>> {
        Ok(self.log_since(offset)?.lines().filter_map(plugin_message).map(str::to_owned).collect())
    }
}

pub(super) fn is_ready(admin: SocketAddr) -> bool {
    get(admin, "/ready").is_ok()
}

/// The listeners' names and the ports that they got.
pub(super) fn listeners(admin: SocketAddr) -> Result<BTreeMap<String, SocketAddr>> {
    let page = get(admin, "/listeners?format=json")?;
    let parsed: Option<Value> = serde_json::from_str(&page).ok();
    let statuses = parsed.as_ref().and_then(|page| page.get("listener_statuses")?.as_array());
    statuses.into_iter().flatten().map(|status| listener(status).ok_or_else(|| unexpected("/listeners", &page))).collect()
}

fn listener(status: &Value) -> Option<(String, SocketAddr)> {
    let socket = status.pointer("/local_address/socket_address")?;
    let port = u16::try_from(socket.get("port_value")?.as_u64()?).ok()?;
    let ip = socket.get("address")?.as_str()?.parse().ok()?;
    Some((status.get("name")?.as_str()?.to_owned(), SocketAddr::new(ip, port)))
}

fn get(admin: SocketAddr, path: &str) -> Result<String> {
    let response = send(admin, &Request::get(path))?;
    if response.status == 200 { Ok(response.text()) } else { Err(unexpected(path, &response.text())) }
}

fn unexpected(path: &str, page: &str) -> Error {
    Error::Unexpected(format!("{path}: {page}"))
}

fn stat(line: &str) -> Option<(String, i64)> {
    let (name, value) = line.rsplit_once(": ")?;
    Some((name.to_owned(), value.parse().ok()?))
}

/// `Function: proxy_on_… failed: Uncaught RuntimeError: unreachable`, and a module or VM that never came to life.
fn is_failure(line: &str) -> bool {
    let called = line.contains("Function: ") && line.contains(" failed");
    called || line.contains("Uncaught RuntimeError") || line.contains("Wasm VM failed") || line.contains("Unable to create Wasm")
}

/// `[…][info][wasm] […] wasm log <name> <root id> <vm id>: <message>`
fn plugin_message(line: &str) -> Option<&str> {
    let (_, logged) = line.split_once("] wasm log ")?;
    logged.split_once(": ").map(|(_, message)| message)
}

#[cfg(test)]
mod tests;
