//! A real OpenID provider: npm's `oidc-provider`, set up by `e2e/idp/provider.mjs`.

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::envoy::workspace;
use crate::error::io;
use crate::{Client, Error, Request, Result};

/// The resource whose tokens are signed by RS256; also their audience.
pub const ORDERS: &str = "https://api.example/orders";

/// The resource whose tokens are signed by ES256; also their audience.
pub const BILLING: &str = "https://api.example/billing";

/// The provider's process; stops when dropped, and by itself when this process ends.
#[derive(Debug)]
pub struct IdentityProvider {
    process: Child,
    words: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    issuer: String,
    client: TokenClient,
}

/// A client that is registered with the provider.
#[derive(Debug, Clone)]
pub struct TokenClient {
    address: SocketAddr,
    token_endpoint: String,
    credentials: String,
}

impl IdentityProvider {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is no Node.js, `npm ci` has not been run, or the provider's metadata name no token endpoint of its own.
    pub fn start() -> Result<Self> {
        let mut command = Command::new("node");
        command.arg("provider.mjs").current_dir(workspace().join("e2e/idp")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(io("run `node`"))?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (words, output) = pipes.ok_or_else(|| Error::Unexpected("`node` without pipes".to_owned()))?;
        let mut answers = BufReader::new(output).lines();
        let started = next(&mut answers)?;
        let issuer = text(&started, "issuer")?;
        let client = TokenClient::registered(&issuer, &started)?;
        Ok(Self { process, words, answers, issuer, client })
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.client.address
    }

    /// Its client, for any thread.
    #[must_use]
    pub fn client(&self) -> TokenClient {
        self.client.clone()
    }

    /// New keys sign from now on, the old ones stay published; how many there are.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn rotate(&mut self) -> Result<u64> {
        self.say("rotate\n")
    }

    /// Only the keys that sign stay published; how many there are.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn retire(&mut self) -> Result<u64> {
        self.say("retire\n")
    }

    fn say(&mut self, word: &str) -> Result<u64> {
        self.words.write_all(word.as_bytes()).map_err(io("drive the identity provider"))?;
        Ok(next(&mut self.answers)?.get("keys").and_then(Value::as_u64).unwrap_or_default())
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl TokenClient {
    fn registered(issuer: &str, started: &Value) -> Result<Self> {
        let unexpected = || Error::Unexpected(format!("an issuer at `{issuer}`"));
        let address: SocketAddr =
            issuer.strip_prefix("http://").and_then(|address| address.parse().ok()).ok_or_else(unexpected)?;
        // The provider's own addresses are made of the host that it is asked as.
        let request = Request::get("/.well-known/openid-configuration").header("host", address.to_string());
        let metadata = Client::connect(address)?.send(&request)?.json()?;
        let token_endpoint = text(&metadata, "token_endpoint")?;
        let (id, secret) = (text(started, "client_id")?, text(started, "client_secret")?);
        Ok(Self {
            address,
            token_endpoint: token_endpoint.strip_prefix(issuer).ok_or_else(unexpected)?.to_owned(),
            credentials: format!("client_id={id}&client_secret={secret}"),
        })
    }

    /// A new access token for `resource` (RFC 6749 section 4.4, RFC 8707).
    ///
    /// # Errors
    /// When the provider does not issue one.
    pub fn token(&self, resource: &str) -> Result<String> {
        let form = format!("grant_type=client_credentials&{}&resource={resource}", self.credentials);
        let request = Request::new("POST", self.token_endpoint.as_str())
            .header("host", self.address.to_string())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        text(&Client::connect(self.address)?.send(&request)?.json()?, "access_token")
    }
}

fn next(answers: &mut Lines<BufReader<ChildStdout>>) -> Result<Value> {
    let ended = || Error::Unexpected("the identity provider has ended".to_owned());
    let line = answers.next().ok_or_else(ended)?.map_err(io("hear the identity provider"))?;
    serde_json::from_str(&line).map_err(|_| Error::Unexpected(line))
}

fn text(document: &Value, member: &str) -> Result<String> {
    let text = document.get(member).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Error::Unexpected(format!("no `{member}` from the identity provider")))
}
