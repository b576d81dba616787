//! Where the modules are for the proxy.

use std::path::Path;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::Arguments;
use super::policy::Policy;
use crate::plugin::Plugin;

/// `VALUE`, or `PLUGIN=VALUE` for one plugin alone.
#[derive(Debug, Clone)]
pub(super) struct ForPlugin {
    plugin: Option<Plugin>,
    value: String,
}

impl FromStr for ForPlugin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        match text.split_once('=') {
            Some((name, value)) if is_name(name) => Ok(Self { plugin: Some(Plugin::named(name)?), value: value.to_owned() }),
            _ => Ok(Self { plugin: None, value: text.to_owned() }),
        }
    }
}

/// What was said of the modules.
#[derive(Debug)]
pub(super) struct Modules<'a> {
    files: &'a [ForPlugin],
    urls: &'a [ForPlugin],
    digests: &'a [ForPlugin],
}

impl<'a> Modules<'a> {
    /// What `arguments` say of the modules of `policies`.
    ///
    /// # Errors
    /// When it cannot be told which module something is about, or a digest is none.
    pub(super) fn new(arguments: &'a Arguments, policies: &[Policy]) -> Result<Self, String> {
        let Arguments { module, url, sha256, .. } = arguments;
        let (first, others) = policies.split_first().map_or((None, policies), |(first, others)| (Some(first.plugin), others));
        let several = others.iter().any(|policy| Some(policy.plugin) != first);
        for (option, values) in [("--module", module), ("--url", url), ("--sha256", sha256)] {
            if several && values.iter().any(|value| value.plugin.is_none()) {
                return Err(format!("`{option}` must say whose it is where several plugins are rendered: `{option} PLUGIN=…`"));
            }
        }
        for ForPlugin { value, .. } in sha256 {
            if value.len() != 64 || !value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                return Err("`--sha256`: expected 64 digits and letters from `a` to `f`".to_owned());
            }
        }
        Ok(Self { files: module, urls: url, digests: sha256 })
    }

    /// The module's file, as the proxy sees it.
    pub(super) fn file(&self, plugin: Plugin) -> String {
        let usual = || format!("target/wasm/{}", plugin.module());
        of(self.files, plugin).map_or_else(usual, str::to_owned)
    }

    /// Where it is fetched from, if that was said.
    pub(super) fn url(&self, plugin: Plugin) -> Option<&'a str> {
        of(self.urls, plugin)
    }

    /// The digest of what is fetched: the given one, or that of the file, if it is here.
    pub(super) fn digest(&self, plugin: Plugin) -> Option<String> {
        let given = of(self.digests, plugin).map(str::to_owned);
        given.or_else(|| Some(hexadecimal(&Sha256::digest(std::fs::read(Path::new(&self.file(plugin))).ok()?))))
    }

    /// The digest that was given.
    pub(super) fn given_digest(&self, plugin: Plugin) -> Option<&'a str> {
        of(self.digests, plugin)
    }
}

/// The last value for `plugin`.
fn of(values: &[ForPlugin], plugin: Plugin) -> Option<&str> {
    let for_it = |value: &&ForPlugin| value.plugin.is_none_or(|named| named == plugin);
    values.iter().rev().find(for_it).map(|found| found.value.as_str())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
